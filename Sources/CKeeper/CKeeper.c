// The launcher ends a whole MPI job when one of its processes is killed. So what the launcher has
// started is a keeper, and the rank is its child. If the rank ends while the others can go on
// without it, the keeper tells rank 0, finishes PMIx in the rank's name, and exits with 0. At the
// end of such a run it does so for a rank that lives, too. Else it ends as the rank has ended, and
// the launcher does what it always does.

#define _GNU_SOURCE
#include "CKeeper.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The messages of a rank to its keeper.
enum { GIVE = 'g', HOLD = 'h', ARM = 'a', DISARM = 'd', FINISH = 'f' };

static volatile pid_t child;

// What the rank knows of its keeper.
static int own_socket = -1;
static pid_t own_keeper, own_launcher;

static void hand_on(int signal, siginfo_t *info, void *context) {
    (void)context;
    // The rank's own signals to its parent are not for itself.
    if (info->si_pid != child) kill(child, signal);
}

static void note(int signal) { (void)signal; }

// By system calls, not by functions that a test may let fail.
static int thread_count(void) {
    char text[1024];
    int file = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    long length = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    text[length > 0 ? length : 0] = 0;
    // The name in parentheses may hold anything; num_threads is the 18th field after it.
    char *place = strrchr(text, ')');
    for (int field = 0; place && field < 18; field++) place = strchr(place + 1, ' ');
    return place ? atoi(place) : 0;
}

// Ends this process as its child has ended.
static void end_like(int status) {
    if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    int number = WTERMSIG(status);
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    kill(getpid(), number);
    _exit(128 + number);
}

// The launcher takes the end of a rank that has not finalized PMIx for an error.
static int finish_pmix(void) {
    struct {
        char name_space[256];
        unsigned rank;
    } process;
    void *library = dlopen("libpmix.so.2", RTLD_NOW | RTLD_GLOBAL);
    if (!library) return 1;
    int (*init)(void *, void *, size_t) =
        (int (*)(void *, void *, size_t))dlsym(library, "PMIx_Init");
    int (*finalize)(const void *, size_t) =
        (int (*)(const void *, size_t))dlsym(library, "PMIx_Finalize");
    if (!init || !finalize || init(&process, NULL, 0)) return 1;
    return finalize(NULL, 0) ? 1 : 0;
}

// SLURM's srun started this program, by its PMIx.
static int is_by_srun(void) {
    return !getenv("OMPI_COMM_WORLD_SIZE") && getenv("SLURM_PROCID") && getenv("PMIX_RANK");
}

// The launcher's signals are for ranks that run.
static void forget_signals(void) {
    const int ignored[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGINT};
    for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Finishes PMIx in the name of a rank that has ended, and exits with 0.
__attribute__((noreturn)) static void finish_for(int status) {
    forget_signals();
    // The launcher must have noticed that the rank's connection to it has ended, before a new one
    // comes in its name: if both come at once, the new one may hang. Nothing says when it has.
    poll(NULL, 0, 500);
    pid_t keeper = getpid();
    for (int attempt = 0; attempt < 10; attempt++) {
        pid_t helper = fork();
        if (helper == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != keeper) _exit(1);
            // PMIx says what is no news: that the launcher is about to end.
            int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
            if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
            alarm(2);
            _exit(finish_pmix());
        }
        int end = 0;
        while (helper > 0 && waitpid(helper, &end, 0) < 0 && errno == EINTR) {
        }
        if (helper > 0 && WIFEXITED(end) && WEXITSTATUS(end) == 0) _exit(0);
    }
    end_like(status);
    _exit(1);
}

// Tells rank 0 how a rank has ended that the others can go on without.
static void leave_for(int connection, int status) {
    unsigned char news[2];
    news[0] = WIFEXITED(status) ? 'e' : 's';
    news[1] = (unsigned char)(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    send(connection, news, sizeof news, MSG_NOSIGNAL);
    if (!is_by_srun()) {
        close(connection);
        finish_for(status);
    }
    // srun's PMIx server ends all when it sees the end of the connection that is held here. So it
    // must not before the others have left, which is when rank 0 ends its own.
    forget_signals();
    struct pollfd end = {.fd = connection, .events = POLLIN};
    ssize_t count;
    do {
        poll(&end, 1, -1);
        char byte;
        count = recv(connection, &byte, 1, MSG_DONTWAIT);
    } while (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR)));
    // They leave at the same time, a little apart.
    poll(NULL, 0, 200);
    _exit(0);
}

// Reads one message of the rank. Returns whether there was one.
static int heed(int rank, int *connection, int *is_armed, int *is_finished) {
    char kind = 0;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    struct iovec vector = {&kind, 1};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t count;
    do count = recvmsg(rank, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count <= 0) return 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (kind == GIVE && header && header->cmsg_type == SCM_RIGHTS) {
        if (*connection >= 0) close(*connection);
        memcpy(connection, CMSG_DATA(header), sizeof(int));
    }
    // A descriptor to HOLD stays open, and nothing else.
    if (kind == ARM) *is_armed = 1;
    if (kind == DISARM) *is_armed = 0;
    if (kind == FINISH) *is_finished = 1;
    return 1;
}

__attribute__((noreturn)) static void keep(int rank, const sigset_t *waiting) {
    int connection = -1, is_armed = 0, is_finished = 0, is_told_off = 0;
    while (1) {
        int status = 0;
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) {
            // What it said before its end counts.
            while (heed(rank, &connection, &is_armed, &is_finished)) {
            }
            if (is_finished && WIFEXITED(status) && WEXITSTATUS(status) == 0) finish_for(status);
            if (!is_armed && connection >= 0) {
                // The launcher ends all with this one: rank 0 must not take it for a loss.
                send(connection, "q", 2, MSG_NOSIGNAL);
            }
            if (!is_armed || connection < 0) end_like(status);
            leave_for(connection, status);
        }
        struct pollfd sockets[2] = {
            {.fd = rank, .events = POLLIN},
            // Rank 0 closes its end when it leaves, or goes on without this rank.
            {.fd = is_armed && !is_told_off ? connection : -1, .events = POLLIN},
        };
        if (ppoll(sockets, 2, NULL, waiting) <= 0) continue;
        if (sockets[0].revents) {
            if (!heed(rank, &connection, &is_armed, &is_finished)) rank = -1;
            continue;
        }
        if (!sockets[1].revents) continue;
        char byte;
        ssize_t count = recv(connection, &byte, 1, MSG_DONTWAIT);
        if (count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN))) continue;
        is_told_off = 1;
        kill(child, SIGKILL);
    }
}

// Whether Open MPI's mpirun or srun started this program, with others. A rank's supervisor of
// commands inherits the same variables.
static int is_needed(char *name) {
    const char *wanted = getenv("FURROW_KEEPER");
    const char *size = getenv(is_by_srun() ? "SLURM_STEP_NUM_TASKS" : "OMPI_COMM_WORLD_SIZE");
    if (!size || atoi(size) < 2 || !getenv("PMIX_RANK")) return 0;
    if (wanted && !strcmp(wanted, "0")) return 0;
    return name && strcmp(name, "job-supervisor") && thread_count() == 1;
}

// Before the program's main, because a process with several threads cannot be forked: the main
// function of a Swift program that is async has some already. The child goes on with the program;
// the keeper does not return.
__attribute__((constructor)) static void begin(int argc, char **argv) {
    if (argc < 1 || !is_needed(argv[0])) return;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return;
    const int handed[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};
    const unsigned count = sizeof handed / sizeof *handed;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    for (unsigned i = 0; i < count; i++) sigaddset(&blocked, handed[i]);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    pid_t keeper = getpid(), parent = getppid();
    pid_t rank = fork();
    if (rank <= 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(pair[1]);
        if (rank < 0) {
            close(pair[0]);
            return;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != keeper) _exit(1);
        own_socket = pair[0];
        own_keeper = keeper;
        own_launcher = parent;
        return;
    }
    child = rank;
    close(pair[0]);
    prctl(PR_SET_NAME, "furrow-keeper");
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask);
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = hand_on;
    for (unsigned i = 0; i < count; i++) sigaction(handed[i], &action, NULL);
    action.sa_flags = 0;
    action.sa_handler = note;
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    // Delivered while it waits, and at no other time.
    sigset_t waiting = before;
    for (unsigned i = 0; i < count; i++) sigdelset(&waiting, handed[i]);
    sigdelset(&waiting, SIGCHLD);
    keep(pair[1], &waiting);
}

int ckeeper_socket(void) { return own_socket; }

pid_t ckeeper_process(void) { return own_keeper; }

pid_t ckeeper_launcher(void) { return own_launcher ? own_launcher : getppid(); }

static int tell(int keeper, char kind, int connection) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    memset(&control, 0, sizeof control);
    struct iovec vector = {&kind, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (connection >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &connection, sizeof(int));
    }
    ssize_t count;
    do count = sendmsg(keeper, &message, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    return count == 1 ? 0 : -1;
}

int ckeeper_give(int keeper, int connection) { return tell(keeper, GIVE, connection); }

// srun's PMIx server takes a connection that is closed for a rank that has failed, and ends all.
int ckeeper_hold_pmix(int keeper) {
    if (!is_by_srun()) return 0;
    const char *names[] = {"PMIX_SERVER_URI41", "PMIX_SERVER_URI4", "PMIX_SERVER_URI3",
                           "PMIX_SERVER_URI21", "PMIX_SERVER_URI2"};
    const char *address = NULL;
    for (unsigned i = 0; i < sizeof names / sizeof *names && !address; i++) {
        address = getenv(names[i]);
    }
    const char *colon = address ? strrchr(address, ':') : NULL;
    int port = colon ? atoi(colon + 1) : 0, held = 0;
    for (int file = 3; port && file < 1024; file++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        if (getpeername(file, (struct sockaddr *)&peer, &length)) continue;
        if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
        if (tell(keeper, HOLD, file)) return -1;
        held++;
    }
    return held > 0 ? 0 : -1;
}

int ckeeper_finish(int keeper) {
    if (!is_by_srun()) return tell(keeper, FINISH, -1);
    // By the connection that it has: the end of another one would be a failure.
    void *library = dlopen("libpmix.so.2", RTLD_NOW | RTLD_NOLOAD);
    int (*finalize)(const void *, size_t) =
        library ? (int (*)(const void *, size_t))dlsym(library, "PMIx_Finalize") : NULL;
    return finalize && finalize(NULL, 0) == 0 ? 0 : -1;
}

int ckeeper_arm(int keeper, int is_armed) { return tell(keeper, is_armed ? ARM : DISARM, -1); }
