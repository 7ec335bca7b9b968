#include "CBareMPI.h"

#include <mpi.h>
#include <stdlib.h>
#include <time.h>

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int bare_ping_pong(int rounds, int bytes, long long *nanoseconds)
{
    int rank, code = MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (code != MPI_SUCCESS || rank > 1)
        return code;
    char *buffer = calloc(1, bytes);
    if (!buffer)
        return MPI_ERR_NO_MEM;
    for (int round = 0; round < rounds && code == MPI_SUCCESS; round++) {
        long long start = now();
        if (rank == 0) {
            code = MPI_Send(buffer, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
            if (code == MPI_SUCCESS)
                code = MPI_Recv(buffer, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            nanoseconds[round] = now() - start;
        } else {
            code = MPI_Recv(buffer, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            if (code == MPI_SUCCESS)
                code = MPI_Send(buffer, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
        }
    }
    free(buffer);
    return code;
}

int bare_gather(int bytes, const void *mine, void *all, long long *nanoseconds)
{
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int *counts = calloc(size, sizeof *counts), *offsets = calloc(size, sizeof *offsets);
    if (!counts || !offsets)
        return MPI_ERR_NO_MEM;
    for (int source = 1; source < size; source++) {
        counts[source] = bytes;
        offsets[source] = (source - 1) * bytes;
    }
    MPI_Barrier(MPI_COMM_WORLD);
    long long start = now();
    int code = MPI_Gatherv(mine, counts[rank], MPI_BYTE, all, counts, offsets, MPI_BYTE, 0,
                           MPI_COMM_WORLD);
    *nanoseconds = now() - start;
    free(counts);
    free(offsets);
    return code;
}
