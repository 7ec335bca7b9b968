/// Identifies a job across runs: a hash of its stage, its parameters in canonical form, and which
/// occurrence of them it is. Its number is not part of it, so a sweep to which points were added
/// can be resumed, and only the new points run.
///
/// 128 bits of FNV-1a (Fowler, Noll and Vo; `draft-eastlake-fnv`): the same on all machines and in
/// all versions. For a million jobs the chance of a collision is below 10⁻²⁶.
package struct JobIdentity: Sendable, Hashable, CustomStringConvertible {
    /// The hash.
    package let hash: UInt128

    /// - Parameters:
    ///   - stage: the stage's name.
    ///   - canonical: the job's parameters in canonical form.
    ///   - occurrence: how many earlier jobs of the stage have the same parameters.
    package init(stage: String, canonical: [UInt8], occurrence: Int = 0) {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        func add(_ byte: UInt8) {
            hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
        }
        for byte in stage.utf8 { add(byte) }
        add(0)
        for byte in canonical { add(byte) }
        add(0)
        withUnsafeBytes(of: UInt64(occurrence).littleEndian) { for byte in $0 { add(byte) } }
        self.hash = hash
    }

    /// - Parameter hash: an earlier ``hash``.
    package init(hash: UInt128) { self.hash = hash }

    /// 32 hexadecimal digits.
    package var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

extension JobIdentity: Codable {
    /// Reads ``description``.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard text.utf8.count == 32, let hash = UInt128(text, radix: 16) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "'\(text)' must be 32 hexadecimal digits"
                )
            )
        }
        self.hash = hash
    }

    /// Writes ``description``.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Numbers the jobs of a stage that have the same parameters, in the order in which they are made.
package struct JobIdentities: Sendable {
    private let stage: String
    private var occurrences: [UInt128: Int32] = [:]

    /// - Parameter stage: the stage's name.
    package init(stage: String) { self.stage = stage }

    /// The identity of the next job.
    ///
    /// - Parameter canonical: its parameters in canonical form.
    package mutating func next(_ canonical: [UInt8]) -> JobIdentity {
        let first = JobIdentity(stage: stage, canonical: canonical)
        let occurrence = occurrences[first.hash, default: 0]
        occurrences[first.hash] = occurrence + 1
        guard occurrence > 0 else { return first }
        return JobIdentity(stage: stage, canonical: canonical, occurrence: Int(occurrence))
    }
}
