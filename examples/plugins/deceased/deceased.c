/* A patron with a date in patrons.deceased_on is deregistered at once. What is still open keeps the record, as for
 * everybody: costs, items, blocks, and the months after the end of a membership. */

#include "lapse_plugin.h"

static const lapse_text reasons[] = { LAPSE_TEXT("deceased") };

/* The config is empty, and the one column that it reads is named, so the plugin needs no state. */
static int32_t create(const lapse_setup *setup, lapse_instance *instance, lapse_failure *failure) {
    if (!lapse_is(setup->config, "{}")) {
        return lapse_fail(failure, LAPSE_NO_PATRON, "this plugin has nothing to configure; remove `config`");
    }
    if (setup->column_count != 1 || !lapse_is(setup->columns[0], "patrons.deceased_on")) {
        return lapse_fail(failure, LAPSE_NO_PATRON,
                          "this plugin reads one column; write columns = [\"patrons.deceased_on\"]");
    }
    instance->parallel = 1;
    instance->state = NULL;
    return 0;
}

static int32_t decide(void *state, const lapse_batch *batch, lapse_verdicts *verdicts, lapse_failure *failure) {
    size_t at, of_patron;
    (void)state;
    (void)failure;
    for (at = 0; at < batch->patron_count; at++) {
        const lapse_patron *patron = &batch->patrons[at];
        int32_t deceased_on = lapse_parse_date(patron->columns[0]);
        if (deceased_on == LAPSE_NO_DATE || deceased_on > batch->run_date) {
            continue;
        }
        for (of_patron = 0; of_patron < patron->membership_count; of_patron++) {
            uint8_t outcome = patron->memberships[of_patron].outcome;
            if (outcome == LAPSE_OUTCOME_VALID || outcome == LAPSE_OUTCOME_RENEWED) {
                lapse_verdict *verdict = &verdicts->memberships[patron->first_membership + of_patron];
                verdict->opinion = LAPSE_DEREGISTER;
                verdict->reason = 0;
            }
        }
    }
    return 0;
}

static void destroy(void *state) {
    (void)state;
}

static const lapse_plugin plugin = {
    LAPSE_ABI_VERSION,
    sizeof(lapse_plugin),
    LAPSE_TEXT("deceased"),
    LAPSE_TEXT("1.0.0"),
    reasons,
    sizeof(reasons) / sizeof(reasons[0]),
    create,
    decide,
    destroy,
};

const lapse_plugin *lapse_plugin_entry(void) {
    return &plugin;
}
