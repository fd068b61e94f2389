/* A plugin that misbehaves in the way that is defined when it is compiled; without, it has no opinion about anything. */

#define _POSIX_C_SOURCE 200809L
#include "lapse_plugin.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(SEGFAULT) || defined(DESTROY_SEGFAULTS) || defined(LOAD_SEGFAULTS)
/* An address that belongs to nobody. */
static volatile int *const nowhere = (volatile int *)(uintptr_t)16;
#endif

#if defined(LOAD_SEGFAULTS) || defined(LOAD_EXITS) || defined(LOAD_PRINTS)
/* Before anybody has asked for anything. */
__attribute__((constructor)) static void load(void) {
#if defined(LOAD_SEGFAULTS)
    *nowhere = 1;
#elif defined(LOAD_EXITS)
    exit(0);
#else
    fputs("a library is loaded\n", stderr);
#endif
}
#endif

#if defined(ONE_AT_A_TIME) || defined(RACES)
static volatile int inside = 0;

/* Whether somebody else calls meanwhile: for which a large batch waits a while, unless nobody should. */
static int crowded(size_t patrons) {
    struct timespec moment = { 0, 10000000 };
    int others = __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
    int wait;
#if defined(RACES)
    wait = patrons > 100 ? 50 : 0;
#else
    wait = patrons > 100 ? 1 : 0;
#endif
    while (others == 0 && wait-- > 0) {
        nanosleep(&moment, NULL);
        others = __atomic_load_n(&inside, __ATOMIC_SEQ_CST) - 1;
    }
    __atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
    return others > 0;
}
#endif

#if defined(REASON_NOT_UTF_8)
static const lapse_text reasons[] = { LAPSE_TEXT("so"), LAPSE_TEXT("\xff\xfe") };
#else
static const lapse_text reasons[] = { LAPSE_TEXT("so") };
#endif

static int32_t create(const lapse_setup *setup, lapse_instance *instance, lapse_failure *failure) {
    (void)setup;
    (void)failure;
#if defined(ONE_AT_A_TIME)
    instance->parallel = 0;
#else
    instance->parallel = 1;
#endif
    instance->state = NULL;
#if defined(CREATE_EXITS)
    exit(0);
#elif defined(CREATE_LOOPS)
    for (;;) {
    }
#elif defined(CREATE_REFUSES)
    return lapse_fail(failure, LAPSE_NO_PATRON, "`months` is missing");
#endif
    return 0;
}

static int32_t decide(void *state, const lapse_batch *batch, lapse_verdicts *verdicts, lapse_failure *failure) {
    (void)state;
    (void)batch;
    (void)verdicts;
    (void)failure;
#if defined(SEGFAULT)
    *nowhere = 1;
#elif defined(ABORTS)
    abort();
#elif defined(EXITS)
    exit(0);
#elif defined(LOOPS)
    for (;;) {
    }
#elif defined(PRINTS)
    puts("a line on standard output");
    fflush(stdout);
#elif defined(UNGRANTED)
    verdicts->memberships[1].opinion = LAPSE_DEREGISTER;
#elif defined(UNDECLARED)
    verdicts->records[1].opinion = LAPSE_KEEP;
    verdicts->records[1].reason = 7;
#elif defined(UNKNOWN_OPINION)
    if (verdicts->record_count > 1) {
        verdicts->records[1].opinion = 9;
    }
#elif defined(OVERRUNS_MEMBERSHIPS)
    verdicts->memberships[verdicts->membership_count].opinion = LAPSE_KEEP;
#elif defined(OVERRUNS_RECORDS)
    verdicts->records[verdicts->record_count].opinion = LAPSE_KEEP;
#elif defined(OVERRUNS_FAR)
    size_t at;
    for (at = 0; at < 100000; at++) {
        verdicts->records[at].opinion = LAPSE_KEEP;
    }
#elif defined(FICKLE)
    {
        static uint16_t calls = 0;
        if (verdicts->record_count > 0) {
            verdicts->records[0].opinion = calls++ % 2 == 0 ? LAPSE_KEEP : LAPSE_NO_OPINION;
        }
    }
#elif defined(ONE_AT_A_TIME) || defined(RACES)
    if (crowded(batch->patron_count)) {
        return lapse_fail(failure, LAPSE_NO_PATRON, "two calls at once");
    }
#elif defined(FAILS)
    return lapse_fail(failure, 1, "this patron is too much");
#endif
    return 0;
}

static void destroy(void *state) {
    (void)state;
#if defined(DESTROY_SEGFAULTS)
    *nowhere = 1;
#elif defined(DESTROY_PRINTS)
    fputs("an instance ends\n", stderr);
#endif
}

static const lapse_plugin plugin = {
#if defined(NEWER)
    LAPSE_ABI_VERSION + 1,
#else
    LAPSE_ABI_VERSION,
#endif
    sizeof(lapse_plugin),
    LAPSE_TEXT("misbehaves"),
    LAPSE_TEXT("1.0.0"),
    reasons,
    sizeof(reasons) / sizeof(reasons[0]),
    create,
    decide,
    destroy,
};

#if defined(NO_ENTRY)
LAPSE_EXPORT const lapse_plugin *another_entry(void) {
#else
const lapse_plugin *lapse_plugin_entry(void) {
#endif
    return &plugin;
}
