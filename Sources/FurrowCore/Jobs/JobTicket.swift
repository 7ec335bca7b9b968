import FurrowRuns

/// Travels with a job and identifies it within its stage.
struct JobTicket: Sendable, Hashable {
    /// The job's number, from 0.
    var number: Int
    /// Its identity in the journal; `nil` without a journal.
    var identity: JobIdentity?
    /// Whether the job's parameters could not be coded: in their place there is the reason.
    var isUncodable = false
    /// Which attempt is next, from 1.
    var attempt = 1

    /// The number is in 48 bits, and the earlier attempts in the next.
    private static let uncodable = 1 << 62
    private static let numbers = 1 << 48 - 1
    private static let attempts = 1 << 14 - 1

    init(
        number: Int,
        identity: JobIdentity? = nil,
        isUncodable: Bool = false,
        attempt: Int = 1
    ) {
        self.number = number
        self.identity = identity
        self.isUncodable = isUncodable
        self.attempt = attempt
    }

    /// Reads a ticket written by ``append(to:)``, from the front of a job's bytes.
    init(takingFrom bytes: inout ArraySlice<UInt8>, isJournaled: Bool) {
        func next() -> UInt64 {
            defer { bytes = bytes.dropFirst(8) }
            precondition(bytes.count >= 8, "a job's bytes are too short")
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
        let word = Int(next())
        number = word & Self.numbers
        attempt += word >> 48 & Self.attempts
        if word & Self.uncodable != 0 {
            isUncodable = true
        } else if isJournaled {
            let low = next()
            identity = JobIdentity(hash: UInt128(next()) << 64 | UInt128(low))
        }
    }

    func append(to bytes: inout [UInt8]) {
        let earlier = min(attempt - 1, Self.attempts) << 48
        bytes.append(integer: number | earlier | (isUncodable ? Self.uncodable : 0))
        if let identity {
            bytes.append(integer: Int(truncatingIfNeeded: identity.hash))
            bytes.append(integer: Int(truncatingIfNeeded: identity.hash >> 64))
        }
    }
}
