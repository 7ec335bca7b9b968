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
    /// How many processes have ended while they ran it, in earlier starts of the run as well.
    var deaths = 0
    /// Whether it failed in an earlier start of the run. Known on rank 0 alone: it does not travel.
    var hasFailed = false

    /// In the number's word: whether there is a reason in place of the parameters.
    private static let uncodable = 1 << 62
    /// Whether a word follows with the earlier attempts and, in its upper half, the deaths.
    private static let tried = 1 << 61

    init(
        number: Int,
        identity: JobIdentity? = nil,
        isUncodable: Bool = false,
        attempt: Int = 1,
        deaths: Int = 0
    ) {
        self.number = number
        self.identity = identity
        self.isUncodable = isUncodable
        self.attempt = attempt
        self.deaths = deaths
    }

    /// Reads a ticket written by ``append(to:)``, from the front of a job's bytes.
    init(takingFrom bytes: inout ArraySlice<UInt8>, isJournaled: Bool) {
        func next() -> UInt64 {
            defer { bytes = bytes.dropFirst(8) }
            precondition(bytes.count >= 8, "a job's bytes are too short")
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
        let word = Int(next())
        number = word & ~(Self.uncodable | Self.tried)
        if word & Self.tried != 0 {
            let history = next()
            attempt += Int(history & UInt64(UInt32.max))
            deaths = Int(history >> 32)
        }
        if word & Self.uncodable != 0 {
            isUncodable = true
        } else if isJournaled {
            let low = next()
            identity = JobIdentity(hash: UInt128(next()) << 64 | UInt128(low))
        }
    }

    func append(to bytes: inout [UInt8]) {
        let isTried = attempt > 1 || deaths > 0
        bytes.append(
            integer: number | (isUncodable ? Self.uncodable : 0) | (isTried ? Self.tried : 0)
        )
        if isTried { bytes.append(integer: attempt - 1 | deaths << 32) }
        if let identity {
            bytes.append(integer: Int(truncatingIfNeeded: identity.hash))
            bytes.append(integer: Int(truncatingIfNeeded: identity.hash >> 64))
        }
    }
}
