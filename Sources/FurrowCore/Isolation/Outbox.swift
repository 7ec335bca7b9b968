import Glibc
import Synchronization

/// What a process that runs jobs tells its rank, from any of its threads. What was added is there for
/// the rank even if this process ends the moment after.
final class Outbox: Sendable {
    private let ring: Mutex<Ring>
    private let socket: Int32
    /// A report is taken and added in one piece, so that none comes behind the last word.
    private let reporting = Mutex(())

    /// - Parameters:
    ///   - ring: the messages.
    ///   - socket: lets the rank look.
    init(_ ring: Ring, _ socket: Int32) {
        self.ring = Mutex(ring)
        self.socket = socket
    }

    /// Adds a message without letting the rank look. Waits while there is no room.
    func add(_ kind: JobMessage, _ number: Int, _ bytes: [UInt8]) {
        ring.withLock { ring in
            var rest = bytes[...]
            while true {
                if let count = ring.add(kind.rawValue, number, rest) {
                    if count == rest.count { return }
                    rest = rest.dropFirst(count)
                } else {
                    Bell.ring(socket)
                    usleep(50)
                }
            }
        }
    }

    /// Adds a message and lets the rank look.
    func send(_ kind: JobMessage, _ bytes: [UInt8]) {
        add(kind, 0, bytes)
        Bell.ring(socket)
    }

    /// Sends what is to be reported of a queue.
    func report(_ queue: WorkerQueue<some Job>, always: Bool) {
        reporting.withLock { _ in
            guard let report = queue.takeReport(always: always) else { return }
            do {
                send(.report, try report.message())
            } catch {
                preconditionFailure("a report has no wire form: \(error)")
            }
        }
    }
}

/// The socket by which a rank and the process of its jobs let each other look.
enum Bell {
    /// A full socket has rung often enough.
    static func ring(_ socket: Int32) {
        var byte: UInt8 = 0
        send(socket, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
}
