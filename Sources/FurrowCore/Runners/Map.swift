// `map` over the values of a collection, with either runner.

extension ParallelRunner {
    /// Calls a function for every value of a collection, on all workers. Collective: every rank
    /// calls it, with the same function.
    ///
    ///     let squares = try await ParallelRunner.map(1...1000) { $0 * $0 }
    ///
    /// Each call is a stage, called `map` unless the options name it. With a journal, stages of one
    /// name are told apart by their order, and a value is the same job as an equal one of an earlier
    /// run.
    ///
    /// - Parameters:
    ///   - values: the values; only rank 0's are used.
    ///   - options: the runner's options, the same on every rank.
    ///   - function: the function. It must not call MPI.
    /// - Returns: the results on rank 0, in the order of the values; `nil` on the other ranks.
    /// - Throws: `ParallelExecutionError`, the same on every rank; `MPIError`.
    public static func map<Value: Codable & Sendable, Result: Codable & Sendable>(
        _ values: some Collection<Value> & Sendable,
        options: RunOptions = RunOptions(),
        _ function: @escaping @Sendable (Value) async throws -> Result
    ) async throws -> [Result]?
    where Generator == Jobs<FunctionJob<Value, Result>, Void, Void> {
        try await map(values, options: options) { value, _ in try await function(value) }
    }

    /// The same with a function that takes the job's context too: its worker, device and so on.
    public static func map<Value: Codable & Sendable, Result: Codable & Sendable>(
        _ values: some Collection<Value> & Sendable,
        options: RunOptions = RunOptions(),
        _ function: @escaping @Sendable (Value, JobContext) async throws -> Result
    ) async throws -> [Result]?
    where Generator == Jobs<FunctionJob<Value, Result>, Void, Void> {
        var options = options
        options.function = FunctionJob<Value, Result>.Function(call: function)
        return try await ParallelRunner(Jobs(FunctionJobs(values: values)), options: options).run(
            ()
        )
    }
}

extension SerialRunner {
    /// Calls a function for every value of a collection, one after the other on rank 0. Collective
    /// if there is more than one rank. See `ParallelRunner.map`.
    ///
    /// - Returns: the results on rank 0, in the order of the values; `nil` on the other ranks.
    /// - Throws: `SerialExecutionError`, the same on every rank; `MPIError`.
    public static func map<Value: Codable & Sendable, Result: Codable & Sendable>(
        _ values: some Collection<Value> & Sendable,
        options: RunOptions = RunOptions(),
        _ function: @escaping @Sendable (Value) async throws -> Result
    ) async throws -> [Result]?
    where Generator == Jobs<FunctionJob<Value, Result>, Void, Void> {
        var options = options
        options.function = FunctionJob<Value, Result>.Function { value, _ in
            try await function(value)
        }
        return try await SerialRunner(Jobs(FunctionJobs(values: values)), options: options).run(())
    }
}

/// A job for each value.
private struct FunctionJobs<Values: Collection & Sendable, Result: Codable & Sendable>:
    Collection, Sendable
where Values.Element: Codable & Sendable {
    typealias Element = FunctionJob<Values.Element, Result>
    typealias Index = Values.Index

    let values: Values

    var startIndex: Index { values.startIndex }
    var endIndex: Index { values.endIndex }
    var count: Int { values.count }
    func index(after index: Index) -> Index { values.index(after: index) }
    subscript(index: Index) -> Element { FunctionJob(values[index]) }
}
