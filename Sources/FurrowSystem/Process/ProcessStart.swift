import Foundation
import Glibc

/// When a process of this host began, in ticks since the boot: together with its number it is never
/// given to another, as the number alone is.
///
/// - Parameter process: its number.
/// - Returns: `nil` for a process that is gone, or that has ended and is only waited for.
package func processStart(of process: Int32) -> String? {
    guard let (isOver, start) = status(of: process), !isOver else { return nil }
    return start
}

/// Whether a process of this host lives.
///
/// - Parameters:
///   - process: its number.
///   - start: when it began, as ``processStart(of:)`` tells.
///   - table: where the system shows its processes.
/// - Returns: `nil` where that cannot be told: many clusters hide the processes of other users.
package func isAlive(
    _ process: Int32,
    startedAt start: String,
    in table: String = "/proc"
) -> Bool? {
    if let status = status(of: process, in: table) {
        return !status.isOver && status.start == start
    }
    return kill(process, 0) < 0 && errno == ESRCH ? false : nil
}

/// Whether a process has ended and is only waited for, and when it began; `nil` if that is unknown.
private func status(
    of process: Int32,
    in table: String = "/proc"
) -> (isOver: Bool, start: String)? {
    guard let data = FileManager.default.contents(atPath: "\(table)/\(process)/stat") else {
        return nil
    }
    // The name in parentheses may hold anything; field 22 is the twentieth after it.
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? (fields[0] == "Z", String(fields[19])) : nil
}
