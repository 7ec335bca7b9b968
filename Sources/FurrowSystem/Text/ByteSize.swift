/// A number of bytes on the command line or in a file: `1000`, `64K`, `500M`, `2G`, `1T`, in powers
/// of 1,024 as SLURM and shells have them; `B` or `iB` may follow.
package struct ByteSize: Sendable, Hashable {
    /// What a size must be.
    package static let form = "a size, for example 500M or 1G"

    /// How many bytes.
    package let bytes: Int

    /// - Returns: `nil` for anything else, for less than one byte, and for more than 64 bits can
    ///   count.
    package init?(_ text: String) {
        guard let match = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)?)\s*([KMGTkmgt]?)(?:i?[Bb])?/),
            let number = Double(match.1)
        else { return nil }
        let powers: [String: Double] = ["": 0, "k": 1, "m": 2, "g": 3, "t": 4]
        var bytes = number
        for _ in 0..<Int(powers[match.2.lowercased()] ?? 0) { bytes *= 1024 }
        guard bytes >= 1, bytes < 9e18 else { return nil }
        self.bytes = Int(bytes)
    }
}
