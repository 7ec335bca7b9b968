import Foundation

/// When a process of this host began, in ticks since the boot: together with its number it is never
/// given to another, as the number alone is.
///
/// - Parameter process: its number.
/// - Returns: `nil` for a process that is gone, or that has ended and is only waited for.
package func processStart(of process: Int32) -> String? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
        return nil
    }
    // The name in parentheses may hold anything; field 22 is the twentieth after it.
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return String(fields[19])
}
