#define _GNU_SOURCE
#include "launcher.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum launcher launcher(void) {
    if (getenv("PMIX_RANK")) {
        if (getenv("OMPI_COMM_WORLD_SIZE")) return MPIRUN;
        if (getenv("SLURM_PROCID")) return SRUN;
    }
    // SLURM's pmi2 has a PMI_FD too, but speaks another language.
    if (getenv("PMI_FD") && getenv("MPI_LOCALNRANKS")) return HYDRA;
    return NO_LAUNCHER;
}

int launcher_size(void) {
    const char *names[] = {"", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "PMI_SIZE"};
    const char *size = getenv(names[launcher()]);
    return size ? atoi(size) : 0;
}

typedef int pmix_finalize(const void *, size_t);

static int finish_pmix(void) {
    struct {
        char name_space[256];
        unsigned rank;
    } process;
    void *library = dlopen("libpmix.so.2", RTLD_NOW | RTLD_GLOBAL);
    if (!library) return 1;
    int (*init)(void *, void *, size_t) =
        (int (*)(void *, void *, size_t))dlsym(library, "PMIx_Init");
    pmix_finalize *finalize = (pmix_finalize *)dlsym(library, "PMIx_Finalize");
    if (!init || !finalize || init(&process, NULL, 0)) return 1;
    return finalize(NULL, 0) ? 1 : 0;
}

// The connection is the rank's own, which this process has inherited.
static int finish_pmi(void) {
    static const char word[] = "cmd=finalize\n";
    const char *number = getenv("PMI_FD");
    int file = number ? atoi(number) : -1;
    if (write(file, word, sizeof word - 1) != sizeof word - 1) return 1;
    // The proxy has heard it once it answers.
    char answer[256];
    ssize_t count;
    do count = read(file, answer, sizeof answer);
    while (count < 0 && errno == EINTR);
    return count > 0 ? 0 : 1;
}

int launcher_finish(void) { return launcher() == HYDRA ? finish_pmi() : finish_pmix(); }

int launcher_finish_rank(void) {
    void *library = dlopen("libpmix.so.2", RTLD_NOW | RTLD_NOLOAD);
    pmix_finalize *finalize = library ? (pmix_finalize *)dlsym(library, "PMIx_Finalize") : NULL;
    return finalize && finalize(NULL, 0) == 0 ? 0 : -1;
}

// srun's PMIx server takes a connection that is closed for a rank that has failed, and ends all.
int launcher_connections(int files[], int most) {
    const char *names[] = {"PMIX_SERVER_URI41", "PMIX_SERVER_URI4", "PMIX_SERVER_URI3",
                           "PMIX_SERVER_URI21", "PMIX_SERVER_URI2"};
    const char *address = NULL;
    for (unsigned i = 0; i < sizeof names / sizeof *names && !address; i++) {
        address = getenv(names[i]);
    }
    const char *colon = address ? strrchr(address, ':') : NULL;
    int port = colon ? atoi(colon + 1) : 0, count = 0;
    for (int file = 3; port && file < 1024 && count < most; file++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        if (getpeername(file, (struct sockaddr *)&peer, &length)) continue;
        if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
        files[count++] = file;
    }
    return count;
}
