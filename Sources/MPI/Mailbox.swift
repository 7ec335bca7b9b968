import Glibc

/// A queue that any thread posts to and one thread empties. That thread sleeps while it is empty.
///
/// Safe to share: `items` and `signalled` are used only while `mutex` is held, and `mutex` and
/// `condition` have fixed addresses, allocated in `init` and never moved.
package final class Mailbox<Item: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var items: [Item] = []
    private var signalled = false

    /// An empty mailbox.
    package init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Timeouts must not change with the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Adds an item and wakes the waiting thread.
    package func post(_ item: Item) {
        pthread_mutex_lock(mutex)
        items.append(item)
        signalled = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Wakes the waiting thread, now or at its next wait, without an item.
    package func wake() {
        pthread_mutex_lock(mutex)
        signalled = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// All items posted since the last call.
    ///
    /// - Parameter limit: how long to sleep if there are none and ``wake()`` was not called; `nil`
    ///   sleeps until an item comes, zero does not sleep.
    package func take(waitingUpTo limit: Duration?) -> [Item] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let limit {
            if !signalled, limit > .zero {
                var deadline = Self.deadline(after: limit)
                while !signalled, pthread_cond_timedwait(condition, mutex, &deadline) == 0 {}
            }
        } else {
            while !signalled { pthread_cond_wait(condition, mutex) }
        }
        signalled = false
        defer { items.removeAll(keepingCapacity: true) }
        return items
    }

    private static func deadline(after limit: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = limit.components
        time.tv_sec += Int(seconds)
        time.tv_nsec += Int(attoseconds / 1_000_000_000)
        if time.tv_nsec >= 1_000_000_000 {
            time.tv_nsec -= 1_000_000_000
            time.tv_sec += 1
        }
        return time
    }
}
