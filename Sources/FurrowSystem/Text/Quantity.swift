import Glibc

/// Short texts for status lines.
package enum Quantity {
    /// A duration: `35 ms`, `12.3 s`, `4 min`, `1.5 h`.
    ///
    /// - Parameter seconds: The length in seconds.
    package static func time(seconds: Double) -> String {
        switch seconds {
        case 0.0005..<0.0995: "\(rounded(seconds * 1000, 0)) ms"
        case ..<99.95: "\(rounded(seconds, 1)) s"
        case ..<119.5: "\(rounded(seconds, 0)) s"
        case ..<7170: "\(rounded(seconds / 60, 0)) min"
        default: "\(rounded(seconds / 3600, 1)) h"
        }
    }

    /// A number of bytes: `512 B`, `1.5 kB`, `2.0 GB`, in thousands.
    ///
    /// - Parameter bytes: How many.
    package static func size(bytes: Int) -> String {
        var value = Double(bytes)
        guard abs(value) >= 1000 else { return "\(bytes) B" }
        for unit in ["kB", "MB", "GB", "TB", "PB"] {
            value /= 1000
            // 999.95 would be shown as 1000.0.
            if abs(value) < 999.95 { return "\(rounded(value, 1)) \(unit)" }
        }
        return "\(rounded(value / 1000, 1)) EB"
    }
}

/// A number with so many digits after the decimal point.
package func rounded(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = pow(10, Double(digits))
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let whole = String(Int64(scaled))
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + padded }
    return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
}
