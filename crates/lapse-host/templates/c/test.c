/* Staff is kept and others are not. Run by: make test */

#include "{{snake}}.c"

#include <stdio.h>

int main(void) {
    lapse_subscription subscriptions[2];
    lapse_membership memberships[2];
    lapse_verdict given[2];
    lapse_batch batch;
    lapse_verdicts verdicts;
    const lapse_text staff = LAPSE_TEXT("staff"), adult = LAPSE_TEXT("adult");

    memset(subscriptions, 0, sizeof(subscriptions));
    memset(memberships, 0, sizeof(memberships));
    memset(given, 0, sizeof(given));
    memset(&batch, 0, sizeof(batch));
    memset(&verdicts, 0, sizeof(verdicts));
    subscriptions[0].category = staff;
    subscriptions[1].category = adult;
    memberships[0].subscription = &subscriptions[0];
    memberships[1].subscription = &subscriptions[1];
    memberships[0].outcome = memberships[1].outcome = LAPSE_OUTCOME_DEREGISTERED;
    batch.size = sizeof(batch);
    batch.memberships = memberships;
    batch.membership_count = 2;
    verdicts.size = sizeof(verdicts);
    verdicts.memberships = given;
    verdicts.membership_count = 2;

    if (decide(NULL, &batch, &verdicts, NULL) != 0 || given[0].opinion != LAPSE_KEEP
        || given[1].opinion != LAPSE_NO_OPINION) {
        puts("staff must be kept, and others not");
        return 1;
    }
    puts("passed");
    return 0;
}
