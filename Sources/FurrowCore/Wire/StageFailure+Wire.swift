import FurrowRuns

extension StageFailure {
    /// The form for the broadcast to the other ranks; no bytes mean success.
    func encoded() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try WireEncoder().encode(self, into: &bytes)
        return bytes
    }

    /// - Returns: `nil` for no bytes.
    init?(encoded bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return nil }
        self = try bytes.withUnsafeBytes { try WireDecoder().decode(Self.self, from: $0) }
    }
}
