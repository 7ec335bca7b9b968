import FurrowRuns

/// Travels with a job and identifies it within its stage.
struct JobTicket: Sendable, Hashable {
    /// The job's number, from 0.
    var number: Int
    /// Its identity in the journal; `nil` without a journal.
    var identity: JobIdentity?
    /// Whether the job's parameters could not be coded: in their place there is the reason.
    var isUncodable = false

    private static let uncodable = 1 << 62

    init(number: Int, identity: JobIdentity? = nil, isUncodable: Bool = false) {
        self.number = number
        self.identity = identity
        self.isUncodable = isUncodable
    }

    /// Reads a ticket written by ``append(to:)``, from the front of a job's bytes.
    init(takingFrom bytes: inout ArraySlice<UInt8>, isJournaled: Bool) {
        func next() -> UInt64 {
            defer { bytes = bytes.dropFirst(8) }
            precondition(bytes.count >= 8, "a job's bytes are too short")
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
        number = Int(next())
        if number & Self.uncodable != 0 {
            number ^= Self.uncodable
            isUncodable = true
        } else if isJournaled {
            let low = next()
            identity = JobIdentity(hash: UInt128(next()) << 64 | UInt128(low))
        }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(integer: isUncodable ? number | Self.uncodable : number)
        if let identity {
            bytes.append(integer: Int(truncatingIfNeeded: identity.hash))
            bytes.append(integer: Int(truncatingIfNeeded: identity.hash >> 64))
        }
    }
}
