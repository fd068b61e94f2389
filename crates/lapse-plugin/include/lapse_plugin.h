/* A plugin for lapse in C: the ABI, version 1. C11, or C++17.
 *
 * A plugin is a shared library that exports lapse_plugin_entry. The host calls it once, then `create` once for each
 * policy file that names the plugin, `decide` for each batch of patrons, and `destroy` at the end. Nothing here changes
 * within a version of the ABI.
 *
 * Texts are pointer and length in UTF-8, never NULL, not ended by a zero byte, valid until the call returns. A pointer
 * to a list whose count is 0 may be NULL. Nothing is allocated on one side and freed on the other.
 */
#ifndef LAPSE_PLUGIN_H
#define LAPSE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LAPSE_ABI_VERSION 1u

#if defined(_WIN32)
#define LAPSE_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define LAPSE_EXPORT __attribute__((visibility("default")))
#else
#define LAPSE_EXPORT
#endif

/* There is no date. All dates are days since 1970-01-01, negative before it, from 0001-01-01 to 9999-12-31. */
#define LAPSE_NO_DATE INT32_MIN

/* A failure that is about no patron. */
#define LAPSE_NO_PATRON UINT32_MAX

/* What a plugin thinks of a membership or a record. */
#define LAPSE_NO_OPINION 0u
#define LAPSE_KEEP 1u       /* the membership goes on; the record is kept */
#define LAPSE_DEREGISTER 2u /* the membership ends; not for records */

/* The status of a membership in the library system. */
#define LAPSE_STATUS_ACTIVE 0u
#define LAPSE_STATUS_DEREGISTERED 1u
#define LAPSE_STATUS_CANCELLED 2u

/* What the customer run makes of a membership. */
#define LAPSE_OUTCOME_VALID 0u
#define LAPSE_OUTCOME_RENEWED 1u
#define LAPSE_OUTCOME_DEREGISTERED 2u
#define LAPSE_OUTCOME_EXPIRED 3u

/* Why the customer run decided so. */
#define LAPSE_REASON_NO_POLICY 0u
#define LAPSE_REASON_ENDED 1u
#define LAPSE_REASON_STARTS_LATER 2u
#define LAPSE_REASON_INACTIVE 3u
#define LAPSE_REASON_NOT_A_PERSON 4u
#define LAPSE_REASON_AUTOMATIC 5u
#define LAPSE_REASON_NO_RENEWAL 6u
#define LAPSE_REASON_PAID 7u
#define LAPSE_REASON_ACTIVE 8u
#define LAPSE_REASON_BAD_INPUT 9u
#define LAPSE_REASON_NOT_RENEWED 10u
#define LAPSE_REASON_SUCCEEDED 11u
#define LAPSE_REASON_CANCELLED 12u
#define LAPSE_REASON_ACTIVITY_UNKNOWN 13u
#define LAPSE_REASON_END 14u
#define LAPSE_REASON_KEEP 15u
#define LAPSE_REASON_GRACE 16u

/* Who holds a subscription. */
#define LAPSE_HOLDER_PERSON 0u
#define LAPSE_HOLDER_INSTITUTION 1u
#define LAPSE_HOLDER_ADMINISTRATIVE 2u

/* How a membership renews. */
#define LAPSE_RENEWAL_AUTOMATIC 0u
#define LAPSE_RENEWAL_CONDITIONAL 1u
#define LAPSE_RENEWAL_NONE 2u

/* A text: `length` bytes of UTF-8. */
typedef struct lapse_text {
    const char *bytes;
    size_t length;
} lapse_text;

/* One library, with its settings on the run day; the consortium's where the policy does not have it. */
typedef struct lapse_library {
    lapse_text code;
    lapse_text name;
    lapse_text group; /* the code of its cooperation group; empty where there is none */
    uint32_t ended_months;
    uint32_t settled_months;
    uint32_t pseudonymise_days;
    uint32_t finance_months;
    uint8_t group_kind; /* 1, 2 or 3; 0 where there is no group */
    uint8_t in_policy;
    uint8_t in_scope; /* verdicts about libraries out of scope have no effect */
    uint8_t reserved[5];
} lapse_library;

/* One subscription at one library, with its settings on the run day. */
typedef struct lapse_subscription {
    lapse_text code;
    lapse_text name;
    lapse_text category;
    uint64_t fee_cents;
    uint32_t term_months;
    uint32_t lapse_months;
    uint8_t holder;    /* LAPSE_HOLDER_... */
    uint8_t renewal;   /* LAPSE_RENEWAL_... */
    uint8_t in_policy; /* 0: only the code means anything */
    uint8_t reserved[5];
} lapse_subscription;

/* One membership, with what the customer run made of it. */
typedef struct lapse_membership {
    const lapse_library *library;
    const lapse_subscription *subscription;
    const lapse_text *columns; /* those asked for of the table memberships, in the order asked */
    int32_t valid_from;
    int32_t valid_until;       /* LAPSE_NO_DATE: no end */
    int32_t valid_until_after; /* the run */
    int32_t last_activity;     /* what was compared */
    uint8_t status;            /* LAPSE_STATUS_... */
    uint8_t outcome;           /* LAPSE_OUTCOME_... */
    uint8_t reason;            /* LAPSE_REASON_... */
    uint8_t reserved[5];
} lapse_membership;

/* One patron's record at one library, with the account there. */
typedef struct lapse_record {
    const lapse_library *library;
    const lapse_text *columns; /* those asked for of the table accounts; NULL where there is no account */
    lapse_text blocks;         /* kinds of block, '|' between them */
    int32_t settled_on;
    uint8_t has_account;
    uint8_t owes;
    uint8_t has_credit;
    uint8_t has_items;
} lapse_record;

/* One patron. */
typedef struct lapse_patron {
    lapse_text id;
    const lapse_text *columns; /* those asked for of the table patrons, in the order asked */
    const lapse_membership *memberships;
    const lapse_record *records; /* one for each library in which there is a membership or an account */
    uint32_t membership_count;
    uint32_t record_count;
    uint32_t first_membership; /* the place of the first membership in the batch, and of its verdict */
    uint32_t first_record;     /* the place of the first record in the batch, and of its verdict */
    int32_t birth_date;
    int32_t profile_last_active;
    uint8_t held; /* a row of the patron was rejected, so that nothing may be taken away */
    uint8_t keeps_history;
    uint8_t reserved[6];
} lapse_patron;

/* Many patrons at once. */
typedef struct lapse_batch {
    uint32_t size;
    int32_t run_date;
    const lapse_patron *patrons;
    size_t patron_count;
    const lapse_membership *memberships; /* of all patrons, one patron's after the other's */
    size_t membership_count;
    const lapse_record *records; /* of all patrons, one patron's after the other's */
    size_t record_count;
    const lapse_library *libraries;
    size_t library_count;
    const lapse_subscription *subscriptions;
    size_t subscription_count;
} lapse_batch;

/* What a plugin says of one membership or one record. */
typedef struct lapse_verdict {
    uint16_t opinion; /* LAPSE_NO_OPINION, LAPSE_KEEP, LAPSE_DEREGISTER */
    uint16_t reason;  /* the place of the reason among the plugin's; 0 without opinion */
} lapse_verdict;

/* Where verdicts go: one for each membership and each record of the batch, all without opinion before the call. */
typedef struct lapse_verdicts {
    uint32_t size;
    uint32_t reserved;
    lapse_verdict *memberships;
    size_t membership_count;
    lapse_verdict *records;
    size_t record_count;
} lapse_verdicts;

/* What an instance is made from. */
typedef struct lapse_setup {
    uint32_t size;
    uint32_t reserved;
    lapse_text config;         /* the plugin's `config` table as JSON; {} where there is none */
    const lapse_text *columns; /* the plugin's `columns`, each as table.column */
    size_t column_count;
} lapse_setup;

/* An instance, filled in by `create`. */
typedef struct lapse_instance {
    uint32_t size;     /* set by the host */
    uint32_t parallel; /* not 0: `decide` may be called on it from several threads at once */
    void *state;       /* the plugin's own; comes back with each call */
} lapse_instance;

/* Why a call failed: room for a text that the host owns. */
typedef struct lapse_failure {
    uint32_t size;   /* set by the host */
    uint32_t patron; /* its place in the batch; the host sets LAPSE_NO_PATRON */
    char *text;      /* one sentence for people, in UTF-8 */
    size_t capacity;
    size_t length; /* how many bytes the plugin wrote */
} lapse_failure;

/* What a plugin is and can do. */
typedef struct lapse_plugin {
    uint32_t abi_version; /* LAPSE_ABI_VERSION */
    uint32_t size;        /* sizeof(lapse_plugin) */
    lapse_text name;      /* kebab-case */
    lapse_text version;
    const lapse_text *reasons; /* every reason that it may give, kebab-case */
    size_t reason_count;
    /* Both give 0 when all went well; otherwise `failure` says why not. */
    int32_t (*create)(const lapse_setup *setup, lapse_instance *instance, lapse_failure *failure);
    int32_t (*decide)(void *state, const lapse_batch *batch, lapse_verdicts *verdicts, lapse_failure *failure);
    void (*destroy)(void *state);
} lapse_plugin;

/* The one symbol that a plugin exports. What it points at stays as it is for as long as the library is loaded. */
LAPSE_EXPORT const lapse_plugin *lapse_plugin_entry(void);

/* A text that the compiler knows: lapse_plugin's name, version and reasons. */
#define LAPSE_TEXT(literal) { literal, sizeof(literal) - 1 }

/* Whether a text is `other`, which a zero byte ends. */
static inline int lapse_is(lapse_text text, const char *other) {
    return text.length == strlen(other) && memcmp(text.bytes, other, text.length) == 0;
}

/* Puts as much of a sentence as fits into the host's room for it; gives 1, to be returned. */
static inline int32_t lapse_fail(lapse_failure *failure, uint32_t patron, const char *sentence) {
    size_t length = strlen(sentence);
    failure->length = length < failure->capacity ? length : failure->capacity;
    memcpy(failure->text, sentence, failure->length);
    failure->patron = patron;
    return 1;
}

/* Days since 1970-01-01 of a day of the calendar; LAPSE_NO_DATE where it has no such day. */
static inline int32_t lapse_date(int32_t year, int32_t month, int32_t day) {
    static const int32_t before_month[13] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    int32_t leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int32_t past = year - 1;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1
        || day > before_month[month] - before_month[month - 1] + (month == 2 && leap)) {
        return LAPSE_NO_DATE;
    }
    return past * 365 + past / 4 - past / 100 + past / 400 + before_month[month - 1] + (month > 2 && leap) + day
           - 719163;
}

/* Reads YYYY-MM-DD exactly; LAPSE_NO_DATE where the text is none. */
static inline int32_t lapse_parse_date(lapse_text text) {
    int32_t part[3] = { 0, 0, 0 };
    size_t place = 0, at;
    if (text.length != 10) {
        return LAPSE_NO_DATE;
    }
    for (at = 0; at < 10; at++) {
        char byte = text.bytes[at];
        if (at == 4 || at == 7) {
            if (byte != '-') {
                return LAPSE_NO_DATE;
            }
            place++;
        } else if (byte < '0' || byte > '9') {
            return LAPSE_NO_DATE;
        } else {
            part[place] = part[place] * 10 + (byte - '0');
        }
    }
    return lapse_date(part[0], part[1], part[2]);
}

#ifdef __cplusplus
}
#endif

#endif
