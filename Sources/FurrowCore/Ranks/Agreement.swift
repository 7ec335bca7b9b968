package import FurrowRuns
import FurrowSystem
import MPI

extension Communicator {
    /// Does something on rank 0 that may fail, and lets every rank have its result. Collective.
    ///
    /// - Parameters:
    ///   - cause: what is to blame for an error that does not say so itself.
    ///   - body: what to do.
    /// - Returns: what `body` returned on rank 0.
    /// - Throws: ``ParallelExecutionError`` with what `body` threw, on every rank.
    package func share<Value: Codable>(
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
    package func agree<Value>(
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

    /// Does something on every rank that may fail on any of them, and lets every rank know.
    /// Collective.
    ///
    /// - Parameters:
    ///   - stage: the stage that it is done for; empty before the first.
    ///   - cause: what is to blame for an error that does not say so itself.
    ///   - body: what to do. Called on every rank; it must not be collective itself.
    /// - Returns: what `body` returned on this rank.
    /// - Throws: ``ParallelExecutionError``, the same on every rank, where `body` threw on one or more.
    ///   It names the first of them and its host, unless all ranks met the same; `MPIError`.
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
        // It may have taken one rank longer than another: whoever waits sleeps.
        try barrier()
        guard try sum([own == nil ? 0 : 1])[0] > 0 else { return try outcome.get() }
        let problem = try join(own)
        throw ParallelExecutionError(
            failure: StageFailure(stage: stage, cause: problem.cause, message: problem.message)
        )
    }

    /// Makes one problem of those of all ranks, the same on every rank. Collective, and only for when
    /// there is one.
    ///
    /// - Parameter own: what this rank met, if anything.
    func join(_ own: RankProblem?) throws -> RankProblem {
        let notices = try gather(own.map { RankProblem.Notice(host: host, problem: $0) })
        var bytes: [UInt8] = []
        if rank == 0 { try WireEncoder().encode(RankProblem(joining: notices), into: &bytes) }
        return try broadcast(bytes).withUnsafeBytes {
            try WireDecoder().decode(RankProblem.self, from: $0)
        }
    }

    /// One value of every rank, in rank order, on rank 0; none elsewhere. Collective.
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
