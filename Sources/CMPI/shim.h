// Parts of mpi.h that Swift cannot import: macros that are casts, and constants whose imported type
// differs between MPI implementations. Handles keep their own types, so the header is the same for
// Open MPI (pointers) and MPICH (integers).
#ifndef FURROW_CMPI_SHIM_H
#define FURROW_CMPI_SHIM_H

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

// A handle in a struct: Swift imports a bare pointer as an optional and a bare integer not, but
// the field of a struct is used in the same way in both cases.
typedef struct { MPI_Comm handle; } CMPI_Comm;
typedef struct { MPI_Request handle; } CMPI_Request;
typedef struct { MPI_Message handle; } CMPI_Message;
typedef struct { MPI_Group handle; } CMPI_Group;

static inline CMPI_Comm CMPI_COMM_WORLD(void) { return (CMPI_Comm){MPI_COMM_WORLD}; }
static inline CMPI_Request CMPI_REQUEST_NULL(void) { return (CMPI_Request){MPI_REQUEST_NULL}; }
static inline CMPI_Message CMPI_MESSAGE_NULL(void) { return (CMPI_Message){MPI_MESSAGE_NULL}; }
static inline CMPI_Group CMPI_GROUP_NULL(void) { return (CMPI_Group){MPI_GROUP_NULL}; }
static inline MPI_Info CMPI_INFO_NULL(void) { return MPI_INFO_NULL; }
static inline MPI_Errhandler CMPI_ERRORS_RETURN(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype CMPI_BYTE(void) { return MPI_BYTE; }
static inline MPI_Datatype CMPI_INT64(void) { return MPI_INT64_T; }
static inline MPI_Op CMPI_SUM(void) { return MPI_SUM; }
static inline MPI_Op CMPI_MAX(void) { return MPI_MAX; }
static inline MPI_Status *CMPI_STATUS_IGNORE(void) { return MPI_STATUS_IGNORE; }

static inline int CMPI_SUCCESS(void) { return MPI_SUCCESS; }
static inline int CMPI_ANY_SOURCE(void) { return MPI_ANY_SOURCE; }
static inline int CMPI_ANY_TAG(void) { return MPI_ANY_TAG; }
static inline int CMPI_THREAD_FUNNELED(void) { return MPI_THREAD_FUNNELED; }
static inline int CMPI_COMM_TYPE_SHARED(void) { return MPI_COMM_TYPE_SHARED; }
static inline int CMPI_MAX_ERROR_STRING(void) { return MPI_MAX_ERROR_STRING; }
static inline int CMPI_MAX_PROCESSOR_NAME(void) { return MPI_MAX_PROCESSOR_NAME; }
static inline int CMPI_MAX_LIBRARY_VERSION_STRING(void) { return MPI_MAX_LIBRARY_VERSION_STRING; }

#endif
