/* A membership of staff is never deregistered. Replace this rule by yours. */

#include "lapse_plugin.h"

/* Every reason that the plugin may give; in the output they follow the name and a slash. */
static const lapse_text reasons[] = { LAPSE_TEXT("staff") };

static int32_t create(const lapse_setup *setup, lapse_instance *instance, lapse_failure *failure) {
    if (!lapse_is(setup->config, "{}")) {
        return lapse_fail(failure, LAPSE_NO_PATRON, "this plugin has nothing to configure; remove `config`");
    }
    instance->parallel = 1; /* decide may be called from several threads at once */
    instance->state = NULL; /* whatever the plugin wants to find again in decide */
    return 0;
}

static int32_t decide(void *state, const lapse_batch *batch, lapse_verdicts *verdicts, lapse_failure *failure) {
    size_t at;
    (void)state;
    (void)failure;
    for (at = 0; at < batch->membership_count; at++) {
        const lapse_membership *membership = &batch->memberships[at];
        if (membership->outcome == LAPSE_OUTCOME_DEREGISTERED
            && lapse_is(membership->subscription->category, "staff")) {
            verdicts->memberships[at].opinion = LAPSE_KEEP;
            verdicts->memberships[at].reason = 0; /* its place in the list above */
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
    LAPSE_TEXT("{{name}}"),
    LAPSE_TEXT("0.1.0"),
    reasons,
    sizeof(reasons) / sizeof(reasons[0]),
    create,
    decide,
    destroy,
};

const lapse_plugin *lapse_plugin_entry(void) {
    return &plugin;
}
