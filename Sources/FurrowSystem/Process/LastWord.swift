import Glibc
import Synchronization

/// Says what a process was doing when it dies of its own code: of a trap, a bad access, `abort`, or a
/// call of `exit`.
///
/// The handlers only read and write memory that was prepared for them, and then let the process die
/// as it would have.
package enum LastWord {
    /// What a process is doing, in memory that the handlers read: the state in 4 bytes, how it ended
    /// in 4, a number in 8. The memory may be a file's, which survives the process.
    package enum Field {
        /// 1 while something is done.
        package static let isRunning = 0
        /// 0; the signal that ended it; ``exited``.
        package static let end = 4
        /// What is done, counted from 0.
        package static let number = 8
        package static let size = 16
    }

    /// In ``Field/end`` for a process that called `exit`.
    package static let exited: Int32 = -1

    private static let memory = Atomic<UInt>(0)
    private static let place = Atomic<UInt>(0)
    private static let isInstalled = Atomic(false)
    private static let signals = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT]
    /// What was there before, by signal. Safe to share: it is filled once, by the thread that sets
    /// `isInstalled`, and only handlers read it.
    nonisolated(unsafe) private static let previous =
        UnsafeMutablePointer<sigaction>.allocate(capacity: 32)
    /// A stack for the handlers: a thread's own may be what has run out. Safe to share: nothing but a
    /// handler uses it, and after a handler the process dies.
    nonisolated(unsafe) private static let stack =
        UnsafeMutableRawPointer.allocate(byteCount: stackSize, alignment: 16)
    private static let stackSize = 64 << 10

    /// Watches over what a piece of memory says, until the next call.
    ///
    /// - Parameters:
    ///   - doing: ``Field``; it must not be released any more.
    ///   - text: who does it, and where: `rank 2 (node1): stage 'train'`.
    package static func watch(_ doing: UnsafeMutableRawPointer, as text: String) {
        // Old texts are not released either: a handler may be reading one.
        let copy = text.withCString { strdup($0) }
        place.store(UInt(bitPattern: copy), ordering: .releasing)
        memory.store(UInt(bitPattern: doing), ordering: .releasing)
        guard !isInstalled.exchange(true, ordering: .relaxed) else { return }
        previous.initialize(repeating: sigaction(), count: 32)
        _ = stack
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            LastWord.say(signal)
            // As it would have died without this: by the handler that was there before.
            sigaction(signal, LastWord.previous + Int(signal), nil)
            if signal == SIGABRT { raise(signal) }
        }
        action.sa_flags = SA_ONSTACK
        for signal in signals { sigaction(signal, &action, previous + Int(signal)) }
        on_exit(
            { status, _ in
                guard LastWord.say(LastWord.exited, status) else { return }
                _exit(status == 0 ? ExitStatus.internalError.rawValue : status)
            },
            nil
        )
    }

    /// Gives this thread a stack for the handlers, if it has none.
    package static func prepareThread() {
        var given = stack_t()
        guard sigaltstack(nil, &given) == 0, given.ss_flags & Int32(SS_DISABLE) != 0
        else { return }
        given = stack_t(ss_sp: stack, ss_flags: 0, ss_size: stackSize)
        sigaltstack(&given, nil)
    }

    /// Writes the last word, once.
    ///
    /// - Returns: whether something was being done.
    @discardableResult
    private static func say(_ end: Int32, _ status: Int32 = 0) -> Bool {
        guard let memory = UnsafeMutableRawPointer(bitPattern: memory.load(ordering: .acquiring)),
            memory.load(fromByteOffset: Field.isRunning, as: Int32.self) == 1,
            memory.load(fromByteOffset: Field.end, as: Int32.self) == 0
        else { return false }
        memory.storeBytes(of: end, toByteOffset: Field.end, as: Int32.self)
        let number = memory.load(fromByteOffset: Field.number, as: Int.self) + 1
        if let text = UnsafePointer<CChar>(bitPattern: place.load(ordering: .acquiring)) {
            Glibc.write(STDERR_FILENO, text, strlen(text))
        }
        write(": job ")
        write(number)
        if end == exited {
            write(" called exit with status ")
            write(Int(status))
        } else {
            write(" ended its process by signal ")
            write(Int(end))
            write(meaning(of: end))
        }
        write("\n")
        return true
    }

    private static func write(_ text: StaticString) {
        Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func write(_ number: Int) {
        var rest = number.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { digits in
            var start = 24
            repeat {
                start -= 1
                digits[start] = UInt8(truncatingIfNeeded: 48 + rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                start -= 1
                digits[start] = 45
            }
            Glibc.write(STDERR_FILENO, digits.baseAddress.map { $0 + start }, 24 - start)
        }
    }

    /// What a signal of ``watch(_:as:)`` most often means.
    package static func meaning(of signal: Int32) -> StaticString {
        switch signal {
        case SIGILL, SIGTRAP:
            " (a trap: an index out of range, a nil that was unwrapped, an overflow, fatalError)"
        case SIGSEGV, SIGBUS: " (a bad address, or a stack that ran out)"
        case SIGABRT: " (abort)"
        case SIGFPE: " (a division by zero)"
        default: ""
        }
    }
}
