import MPI

extension Communicator {
    /// Does something on rank 0 that may fail, and lets every rank have its result. Collective.
    ///
    /// - Parameters:
    ///   - cause: what is to blame for an error that does not say so itself.
    ///   - body: what to do.
    /// - Returns: what `body` returned on rank 0.
    /// - Throws: ``ParallelExecutionError`` with what `body` threw, on every rank.
    public func share<Value: Codable>(
        blaming cause: StageFailure.Cause = .input,
        _ body: () throws -> Value
    ) throws -> Value {
        var bytes: [UInt8] = []
        var problem: (any Error)?
        if rank == 0 {
            do {
                let value = try body()
                bytes.append(1)
                try WireEncoder().encode(value, into: &bytes)
            } catch let error where !(error is MPIError) {
                let failure = StageFailure(
                    stage: "",
                    cause: StageFailure.Cause(of: error, otherwise: cause),
                    message: message(of: error)
                )
                bytes = [0] + (try failure.encoded())
                problem = ParallelExecutionError(failure: failure)
            }
        }
        bytes = try broadcast(bytes)
        if let problem { throw problem }
        let rest = bytes.dropFirst()
        if bytes.first == 0, let failure = try StageFailure(encoded: Array(rest)) {
            throw ParallelExecutionError(failure: failure)
        }
        return try rest.withUnsafeBytes { try WireDecoder().decode(Value.self, from: $0) }
    }

    /// Does something on rank 0 that may fail, and lets every rank know how it went. Collective.
    ///
    /// - Parameters:
    ///   - cause: what is to blame for an error that does not say so itself.
    ///   - body: what to do.
    /// - Returns: what `body` returned on rank 0, `nil` elsewhere.
    /// - Throws: ``ParallelExecutionError`` with what `body` threw, on every rank.
    public func agree<Value>(
        blaming cause: StageFailure.Cause = .input,
        _ body: () throws -> Value
    ) throws -> Value? {
        var value: Value?
        _ = try share(blaming: cause) {
            value = try body()
            return true
        }
        return value
    }
}

extension StageFailure {
    /// For the broadcast to the other ranks; no bytes stand for success.
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
