package import FurrowRuns
import FurrowSystem
import MPI

extension Communicator {
    /// Runs something on rank 0 that may fail, and gives every rank its result. Collective.
    ///
    /// - Parameters:
    ///   - stage: the stage it belongs to; empty outside of them.
    ///   - cause: the cause of an error that does not name one itself.
    ///   - body: the work.
    /// - Returns: what `body` returned on rank 0.
    /// - Throws: `ParallelExecutionError` with what `body` threw, on every rank.
    package func share<Value: Codable>(
        stage: String = "",
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
                    stage: stage,
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

    /// Runs something on rank 0 that may fail, and tells every rank whether it did. Collective.
    ///
    /// - Parameters:
    ///   - stage: the stage it belongs to; empty outside of them.
    ///   - cause: the cause of an error that does not name one itself.
    ///   - body: the work.
    /// - Returns: what `body` returned on rank 0, `nil` elsewhere.
    /// - Throws: `ParallelExecutionError` with what `body` threw, on every rank.
    package func agree<Value>(
        stage: String = "",
        blaming cause: StageFailure.Cause = .input,
        _ body: () throws -> Value
    ) throws -> Value? {
        var value: Value?
        _ = try share(stage: stage, blaming: cause) {
            value = try body()
            return true
        }
        return value
    }

    /// Runs something on every rank that may fail on any of them, and tells every rank. Collective.
    ///
    /// - Parameters:
    ///   - stage: the stage it belongs to; empty outside of them.
    ///   - cause: the cause of an error that does not name one itself.
    ///   - body: the work. Called on every rank; it must not be collective itself.
    /// - Returns: what `body` returned on this rank.
    /// - Throws: `ParallelExecutionError`, the same on every rank, if `body` threw on one or
    ///   more. It names the first of them and its host, unless all ranks met the same error;
    ///   `MPIError`.
    package func agreeOnAll<Value>(
        stage: String = "",
        blaming cause: StageFailure.Cause = .input,
        _ body: () throws -> Value
    ) throws -> Value {
        let outcome = Result { try body() }
        var own: RankProblem?
        if case .failure(let error) = outcome {
            if error is MPIError { throw error }
            own = RankProblem(error, blaming: cause)
        }
        // Ranks may take different times, so the waiting ones sleep.
        try barrier()
        guard try sum([own == nil ? 0 : 1])[0] > 0 else { return try outcome.get() }
        let problem = try join(own)
        throw ParallelExecutionError(
            failure: StageFailure(stage: stage, cause: problem.cause, message: problem.message)
        )
    }

    /// Combines the problems of all ranks into one, the same on every rank. Collective. At least
    /// one rank must have a problem.
    ///
    /// - Parameter own: this rank's problem, if any.
    func join(_ own: RankProblem?) throws -> RankProblem {
        let gathered = try gather(own.map { RankProblem.Notice(host: host, problem: $0) })
        var notices = [RankProblem.Notice?](repeating: nil, count: size)
        for (rank, notice) in zip(members, gathered) { notices[rank] = notice }
        var bytes: [UInt8] = []
        if rank == 0 { try WireEncoder().encode(RankProblem(joining: notices), into: &bytes) }
        return try broadcast(bytes).withUnsafeBytes {
            try WireDecoder().decode(RankProblem.self, from: $0)
        }
    }

    /// Collects one value per rank of `members`, in rank order, on rank 0; empty elsewhere. Collective.
    ///
    /// - Parameter value: this rank's.
    package func gather<Value: Codable>(_ value: Value) throws -> [Value] {
        var bytes: [UInt8] = []
        try WireEncoder().encode(value, into: &bytes)
        return try gatherBlocks([bytes]).map { block in
            try block.withUnsafeBytes { try WireDecoder().decode(Value.self, from: $0) }
        }
    }
}
