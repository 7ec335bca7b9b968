import Foundation

/// An error as text, cut off after 16 KiB: a failure's record travels in a control message.
package func message(of error: any Error) -> String {
    var text = String(describing: error)
    if let error = error as? CocoaError {
        // Foundation's own description is a dump of its fields.
        text = [error.localizedDescription, error.filePath].compactMap { $0 }.joined(separator: " ")
    }
    guard text.utf8.count > 16_384 else { return text }
    return String(decoding: text.utf8.prefix(16_384), as: UTF8.self) + "…"
}
