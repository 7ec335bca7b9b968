import Glibc
import Synchronization

/// The one thread of a rank that calls MPI.
///
/// `MPI_THREAD_FUNNELED` (MPI 3.1, section 12.4.3) allows MPI calls only from the thread that
/// called `MPI_Init_thread`. The main actor cannot be that thread: on Linux it leaves the operating
/// system's main thread at its first suspension. So this actor has an executor with its own thread,
/// and the compiler keeps every MPI call on it. A hop to it costs about 4 µs.
@globalActor
public actor MPIActor {
    /// The actor.
    public static let shared = MPIActor()

    /// Runs every job of this actor on the MPI thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        MPIThread.shared.asUnownedSerialExecutor()
    }
}

/// A serial executor with one thread, which lives as long as the process.
final class MPIThread: SerialExecutor {
    static let shared = MPIThread()

    private let queue = Mailbox<UnownedJob>()

    private init() {
        var thread = pthread_t()
        let created = pthread_create(
            &thread,
            nil,
            { _ in
                MPIThread.shared.runForever()
            },
            nil
        )
        precondition(
            created == 0,
            "the thread for MPI cannot be created: \(String(cString: strerror(created)))"
        )
        pthread_detach(thread)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.post(UnownedJob(job))
    }

    /// Whether this code runs on the thread.
    static var isCurrent: Bool {
        pthread_equal(pthread_self(), shared.thread.load(ordering: .relaxed)) != 0
    }

    private let thread = Atomic<pthread_t>(0)

    private func runForever() -> Never {
        thread.store(pthread_self(), ordering: .relaxed)
        while true {
            for job in queue.take(waitingUpTo: nil) {
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }
}
