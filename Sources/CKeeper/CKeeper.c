// The launcher ends a whole MPI job when one of its processes is killed. So what the launcher has
// started is a keeper, and the rank is its child. If the rank ends while the others can go on
// without it, the keeper tells rank 0, finishes PMI in the rank's name, and exits with 0. At the end
// of such a run it does so for a rank that lives, too. Else it ends as the rank has ended, and
// the launcher does what it always does.

#define _GNU_SOURCE
#include "CKeeper.h"
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// The messages of a rank to its keeper.
enum { GIVE = 'g', HOLD = 'h', ARM = 'a', DISARM = 'd', FINISH = 'f' };

// The heartbeat, in memory that rank and keeper share. It costs the rank no system call.
struct pulse {
    atomic_ulong beats;
    // After how many seconds without a beat the rank hangs; 0: never.
    atomic_uint limit;
};

static struct pulse *pulse;

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

// The launcher's signals are for ranks that run.
static void forget_signals(void) {
    const int ignored[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGINT};
    for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Tells the launcher, in the name of a rank that has ended so, that it has left MPI; exits with a
// result of its own.
__attribute__((noreturn)) static void finish_for(int status, int result) {
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
            _exit(launcher_finish());
        }
        int end = 0;
        while (helper > 0 && waitpid(helper, &end, 0) < 0 && errno == EINTR) {
        }
        if (helper > 0 && WIFEXITED(end) && WEXITSTATUS(end) == 0) _exit(result);
    }
    end_like(status);
    _exit(1);
}

// Tells rank 0 how a rank has ended that the others can go on without.
static void leave_for(int connection, int status, int is_hung) {
    unsigned char news[2];
    news[0] = is_hung ? 'h' : WIFEXITED(status) ? 'e' : 's';
    news[1] = (unsigned char)(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    send(connection, news, sizeof news, MSG_NOSIGNAL);
    if (launcher() != SRUN) {
        close(connection);
        finish_for(status, 0);
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

// How often the heartbeat is looked at, and how long the system may take to kill a rank that hangs,
// in seconds.
static const double look_interval = 1, kill_patience = 10;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// What is known of the heartbeat.
struct silence {
    unsigned long beats;
    double seconds, looked;
};

// Whether the rank hangs. Time in which the keeper itself did not run does not count: then the whole
// node, or the job, was stopped.
static int is_silent(struct silence *silence) {
    unsigned limit = atomic_load_explicit(&pulse->limit, memory_order_relaxed);
    unsigned long beats = atomic_load_explicit(&pulse->beats, memory_order_relaxed);
    double time = now(), passed = time - silence->looked;
    if (passed > 2 * look_interval) passed = look_interval;
    silence->looked = time;
    silence->seconds = beats == silence->beats ? silence->seconds + passed : 0;
    silence->beats = beats;
    return limit > 0 && silence->seconds >= limit;
}

__attribute__((noreturn)) static void keep(int rank, const sigset_t *waiting) {
    int connection = -1, is_armed = 0, is_finished = 0, is_told_off = 0, is_hung = 0;
    struct silence silence = {0, 0, now()};
    while (1) {
        int status = 0;
        pid_t ended = waitpid(child, &status, WNOHANG);
        // Not even a SIGKILL ends a process that waits for a broken device.
        int is_stuck = !ended && is_hung && now() - silence.looked > kill_patience;
        if (ended == child || is_stuck) {
            // What it said before its end counts.
            while (heed(rank, &connection, &is_armed, &is_finished)) {
            }
            if (is_stuck) status = SIGKILL;
            // After an error only mpiexec is told: it would take all for killed. mpirun keeps the
            // first rank's status.
            int result = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            if (is_finished && (result == 0 || (result > 0 && launcher() == HYDRA))) {
                finish_for(status, result);
            }
            if (!is_armed && connection >= 0) {
                // The launcher ends all with this one: rank 0 must not take it for a loss.
                send(connection, "q", 2, MSG_NOSIGNAL);
            }
            if (!is_armed || connection < 0) end_like(status);
            leave_for(connection, status, is_hung);
        }
        int watches = is_armed && connection >= 0;
        if (!watches) {
            silence.looked = now();
            // The first look may come before the first beat.
            silence.seconds = -2 * look_interval;
        } else if (!is_hung && is_silent(&silence)) {
            is_hung = 1;
            kill(child, SIGKILL);
        }
        struct pollfd sockets[2] = {
            {.fd = rank, .events = POLLIN},
            // Rank 0 closes its end when it leaves, or goes on without this rank.
            {.fd = is_armed && !is_told_off ? connection : -1, .events = POLLIN},
        };
        struct timespec interval = {(time_t)look_interval, 0};
        if (ppoll(sockets, 2, watches ? &interval : NULL, waiting) <= 0) continue;
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

// Whether a launcher started this program, with others. A rank's supervisor of commands inherits the
// same variables.
static int is_needed(char *name) {
    const char *wanted = getenv("FURROW_KEEPER");
    if (launcher() == NO_LAUNCHER || launcher_size() < 2) return 0;
    if (wanted && !strcmp(wanted, "0")) return 0;
    return name && strcmp(name, "job-supervisor") && thread_count() == 1;
}

// Before the program's main, because a process with several threads cannot be forked: the main
// function of a Swift program that is async has some already. The child goes on with the program;
// the keeper does not return.
__attribute__((constructor)) static void begin(int argc, char **argv) {
    if (argc < 1 || !is_needed(argv[0])) return;
    int pair[2];
    void *shared = mmap(NULL, sizeof *pulse, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0);
    if (shared == MAP_FAILED) return;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return;
    pulse = shared;
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

int ckeeper_hold_pmix(int keeper) {
    if (launcher() != SRUN) return 0;
    int files[16], count = launcher_connections(files, 16);
    for (int i = 0; i < count; i++) {
        if (tell(keeper, HOLD, files[i])) return -1;
    }
    return count > 0 ? 0 : -1;
}

int ckeeper_finish(int keeper) {
    // By the connection that it has: the end of another one would be a failure.
    if (launcher() == SRUN) return launcher_finish_rank();
    return tell(keeper, FINISH, -1);
}

void ckeeper_beat(void) {
    if (pulse) atomic_fetch_add_explicit(&pulse->beats, 1, memory_order_relaxed);
}

void ckeeper_limit(unsigned seconds) {
    if (pulse) atomic_store_explicit(&pulse->limit, seconds, memory_order_relaxed);
}

int ckeeper_arm(int keeper, int is_armed) { return tell(keeper, is_armed ? ARM : DISARM, -1); }
