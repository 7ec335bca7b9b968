// What MPI itself takes for the same: the other side of Furrow's figures. All on MPI_COMM_WORLD, on
// the thread that initialised MPI; each returns an MPI error code.
#ifndef FURROW_CBAREMPI_H
#define FURROW_CBAREMPI_H

// Sends `bytes` bytes from rank 0 to rank 1 and back, so many times; rank 0 notes how many
// nanoseconds each round took. Other ranks return at once.
int bare_ping_pong(int rounds, int bytes, long long *nanoseconds);

// Gathers `bytes` bytes of each rank but 0 on rank 0, in one MPI_Gatherv, after a barrier; rank 0
// notes how many nanoseconds it took.
int bare_gather(int bytes, const void *mine, void *all, long long *nanoseconds);

#endif
