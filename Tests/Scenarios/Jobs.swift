import Foundation
import Furrow
import Glibc

/// What one of the jobs below does.
enum Action: Codable, Sendable {
    case square
    case fail(message: String)
    case sleep(milliseconds: Int, heedsCancellation: Bool)
    case failLater(milliseconds: Int)
    case kill
    case stop
    case trap
    case mainActor
    case unencodable
    case result(bytes: Int)
    case echo(Values)
}

/// Values that a careless coding would change.
struct Values: Codable, Sendable, Equatable {
    var doubles: [Double]
    var texts: [String]
    var optional: Double?
    var nested: [String: [Int]]

    static let awkward = Values(
        doubles: [.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude],
        texts: ["", "e\u{301}", "\u{e9}", "\0", "👩‍👩‍👧‍👦", "\u{10FFFF}", "a\"b\\c\n\r\t"],
        optional: nil,
        nested: ["": [], "x": [.min, .max]]
    )
}

@MainActor var visits = 0

@MainActor func visit() -> Int {
    visits += 1
    return visits
}

struct Work: Job {
    static let name = "work"

    struct Output: Codable, Sendable {
        var index: Int
        var value = 0.0
        var taskID: Int?
        var text = ""
        var data = Data()
        var values: Values?
        var poison: Poison?
    }

    struct Poison: Codable, Sendable {
        struct Error: Swift.Error {}
        init() {}
        init(from decoder: any Decoder) throws { throw Error() }
        func encode(to encoder: any Encoder) throws { throw Error() }
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    var number: Int
    var action: Action
    /// Makes a batch as large as a test wants it.
    var ballast = Data()

    func run(_ context: JobContext) async throws -> Output {
        var output = Output(index: context.index, taskID: context.taskID)
        switch action {
        case .square:
            output.value = Double(number * number)
        case .fail(let message):
            throw Failure(description: message)
        case .sleep(let milliseconds, let heedsCancellation):
            if heedsCancellation {
                try await Task.sleep(for: .milliseconds(milliseconds))
            } else {
                usleep(UInt32(milliseconds) * 1000)
            }
        case .failLater(let milliseconds):
            try await Task.sleep(for: .milliseconds(milliseconds))
            throw Failure(description: "late")
        case .stop:
            kill(getpid(), SIGSTOP)
        case .kill:
            kill(getpid(), SIGKILL)
        case .trap:
            fatalError("a trap that the test asked for")
        case .mainActor:
            output.value = Double(await visit())
        case .unencodable:
            output.poison = Poison()
        case .result(let bytes):
            output.data = Data(repeating: UInt8(truncatingIfNeeded: number &+ 1), count: bytes)
        case .echo(let values):
            output.value = .nan
            output.values = values
        }
        return output
    }

    static func collect(_ results: [Output]) throws -> [Output] { results }
}

/// Makes the jobs that a closure says, lazily.
struct PlannedJobs: JobGenerator {
    var failsAfter: Int?

    func count(from arguments: Plan, after previous: Void) -> Int? { arguments.count }

    func generate(
        from arguments: Plan,
        after previous: Void,
        yield: (Work) async throws -> Void
    ) async throws {
        for number in 0..<arguments.count {
            if number == failsAfter { throw Work.Failure(description: "the generator broke") }
            try await yield(arguments.job(number))
        }
    }
}

struct Plan: Sendable {
    var count: Int
    var job: @Sendable (Int) -> Work
}
