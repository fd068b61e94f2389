/* A plugin that attacks the program that loaded it, in the way that is defined when it is compiled. What it gets away with it
   says, as its refusal to judge a batch. */

#define _GNU_SOURCE
#include "lapse_plugin.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* No file that the host leaves open has a higher number. */
enum { MOST_FILES = 64 };

#if defined(FORGES) || defined(FORGES_ADDRESS) || defined(TRICKLES)
/* What the host waits for at first: with a reason that would begin a new row of a table, or with shared memory that ends after
   the last address. */
#if defined(FORGES_ADDRESS)
#define REASON "so"
#define ADDRESS "18446744073709551615"
#else
#define REASON "so\\nP1,peer,youth,deregistered"
#define ADDRESS "0"
#endif
static const char forged[] = "{\"Ready\":{\"description\":{\"name\":\"odd\",\"version\":\"1\",\"reasons\":[\"" REASON
                             "\"]},\"address\":" ADDRESS "}}";

static void send_all(const void *bytes, size_t count) {
    int file;
    for (file = 3; file < MOST_FILES; file++) {
        (void)!send(file, bytes, count, MSG_NOSIGNAL);
    }
}
#endif

#if defined(FORGES) || defined(FORGES_ADDRESS)
__attribute__((constructor)) static void load(void) {
    unsigned char frame[4 + sizeof(forged) - 1];
    uint32_t length = sizeof(forged) - 1;
    memcpy(frame, &length, 4);
    memcpy(frame + 4, forged, length);
    send_all(frame, sizeof(frame));
}
#endif

#if defined(MANY_REASONS)
/* As many as there may be, each as long as it may be, which differ at their ends. */
enum { LENGTH = 200, COUNT = 65535 };
static char words[COUNT][LENGTH + 1];
static lapse_text reasons[COUNT];

__attribute__((constructor)) static void fill(void) {
    int at;
    for (at = 0; at < COUNT; at++) {
        memset(words[at], 'a', LENGTH);
        snprintf(words[at] + LENGTH - 5, 6, "%05d", at);
        reasons[at].bytes = words[at];
        reasons[at].length = LENGTH;
    }
}
#else
static const lapse_text reasons[] = { LAPSE_TEXT("so") };
#endif

static int32_t create(const lapse_setup *setup, lapse_instance *instance, lapse_failure *failure) {
    (void)setup;
    (void)failure;
    instance->parallel = 0;
    instance->state = NULL;
    return 0;
}

#if defined(ESCAPES)
/* The first thing that works and must not. */
static const char *escape(void) {
    int file, others = 0;
    pid_t child;
    if (environ != NULL && environ[0] != NULL) {
        return "it reads the environment";
    }
    for (file = 3; file < MOST_FILES; file++) {
        others += fcntl(file, F_GETFD) != -1;
    }
    /* The socket, the socket of the thread that watches it, the memory, and the library. */
    if (others > 4) {
        return "it has the open files of the host";
    }
    if (open("/etc/passwd", O_RDONLY) != -1 || open("/proc/self/environ", O_RDONLY) != -1) {
        return "it reads a file";
    }
    if (open("/tmp/lapse-attack", O_WRONLY | O_CREAT, 0600) != -1) {
        return "it writes a file";
    }
    if (socket(AF_INET, SOCK_STREAM, 0) != -1 || socket(AF_UNIX, SOCK_STREAM, 0) != -1) {
        return "it makes a socket";
    }
    if (kill(getppid(), 0) != -1) {
        return "it sends signals to the host";
    }
    if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) != -1) {
        return "it looks into the host";
    }
    for (file = 3; file < MOST_FILES; file++) {
        if (ftruncate(file, 0) == 0) {
            return "it makes a file shorter";
        }
    }
    if (setsid() != -1) {
        return "it leaves its group";
    }
    child = fork();
    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    if (child > 0) {
        return "it starts a process";
    }
    if (malloc((size_t)64 << 30) != NULL) {
        return "it takes 64 GiB of memory";
    }
    return NULL;
}
#endif

static int32_t decide(void *state, const lapse_batch *batch, lapse_verdicts *verdicts, lapse_failure *failure) {
    (void)state;
    (void)batch;
    (void)verdicts;
    (void)failure;
#if defined(ESCAPES)
    {
        const char *how = escape();
        if (how != NULL) {
            return lapse_fail(failure, LAPSE_NO_PATRON, how);
        }
    }
#elif defined(TRICKLES)
    {
        struct timespec moment = { 0, 300000000 };
        uint32_t length = sizeof(forged) - 1;
        size_t at;
        send_all(&length, 4);
        for (at = 0; at < length; at++) {
            send_all(forged + at, 1);
            nanosleep(&moment, NULL);
        }
    }
#elif defined(SPEAKS)
    return lapse_fail(failure, LAPSE_NO_PATRON, "\x1b[2Jall is well\r\nlapse: done");
#endif
    return 0;
}

static void destroy(void *state) {
    (void)state;
}

static const lapse_plugin plugin = {
    LAPSE_ABI_VERSION,
    sizeof(lapse_plugin),
    LAPSE_TEXT("attacks"),
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
