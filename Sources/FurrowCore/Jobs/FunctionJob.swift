/// A job whose work is a function that every rank has: the program is the same on all of them. Only
/// the value travels.
public struct FunctionJob<Value: Codable & Sendable, Output: Codable & Sendable>: Job {
    /// What the function is called with.
    public var value: Value

    /// `map`.
    public static var name: String { "map" }

    init(_ value: Value) { self.value = value }

    /// The value alone.
    public init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Value.self)
    }

    /// The value alone.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    /// Calls the function.
    public func run(_ context: JobContext) async throws -> Output {
        guard let function = context.executor.options.function as? Function else {
            preconditionFailure("map hands its function to its own stage")
        }
        return try await function.call(value, context)
    }

    struct Function: Sendable {
        let call: @Sendable (Value, JobContext) async throws -> Output
    }
}
