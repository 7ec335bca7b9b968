import Foundation

/// An error as text, cut off after 16 KiB: a failure's record travels in a control message. Without
/// characters that could control a terminal, but in its lines.
package func message(of error: any Error) -> String {
    var text = text(of: error)
    if text.utf8.count > 16_384 {
        text = String(decoding: text.utf8.prefix(16_384), as: UTF8.self) + "…"
    }
    return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        .map(\.withoutControls).joined(separator: "\n")
}

private func text(of error: any Error) -> String {
    if let error = error as? CocoaError {
        // The system's words, if they are known; Foundation's description is a dump of its fields.
        if let path = error.filePath, let cause = error.underlying as? POSIXError {
            return "\(path): \(String(cString: strerror(cause.code.rawValue)))"
        }
        return [error.localizedDescription, error.filePath].compactMap { $0 }.joined(separator: " ")
    }
    if let error = error as? any LocalizedError, let description = error.errorDescription {
        return description
    }
    if let error = error as? any CustomNSError,
        let description = error.errorUserInfo[NSLocalizedDescriptionKey] as? String
    {
        return description
    }
    let text = String(describing: error)
    // The case of an enumeration alone says little.
    // Of the type: the error itself could always be a bridged one, which does.
    let type = type(of: error)
    let describesItself =
        type is any CustomStringConvertible.Type || type is any CustomDebugStringConvertible.Type
    guard !describesItself, Mirror(reflecting: error).displayStyle == .enum else { return text }
    return "\(type).\(text)"
}
