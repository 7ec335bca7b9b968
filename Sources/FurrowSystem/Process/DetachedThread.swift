import Glibc

/// A thread that waits in system calls, which must stay off the threads of Swift.
package enum DetachedThread {
    /// Starts one.
    ///
    /// - Parameter body: what it does; it ends when that returns.
    /// - Returns: 0, or why there can be none, a number of `errno`.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(call: body))
        let created = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().call()
                return nil
            },
            context.toOpaque()
        )
        if created == 0 { pthread_detach(thread) } else { context.release() }
        return created
    }

    private final class Body: Sendable {
        let call: @Sendable () -> Void
        init(call: @escaping @Sendable () -> Void) { self.call = call }
    }
}
