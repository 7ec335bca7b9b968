import ArgumentParser
import Furrow
import Glibc

/// Jobs of which one ends its process.
struct Crashes: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "crashes")

    @OptionGroup var options: PipelineOptions

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Int]> {
        Pipeline(ParallelRunner(GridGenerator<Crash>(), options: runOptions))
    }
}

struct Crash: Job {
    enum Way: String, Codable, CaseIterable {
        case exit0, exit3, trap, overflow, abort, segfault, killed, deaf, once, both
        case worker, workerThrows, device
    }

    var turn: Int
    var way: Way

    func run(_ context: JobContext) async throws -> Int {
        if way == .worker || way == .workerThrows { return try await fail(onTask: 1, context) }
        if way == .device { return context.device.flatMap { Int($0.name) } ?? -1 }
        guard turn == 2 else {
            if way == .both, turn == 0 { while true { sleep(1) } }
            return turn
        }
        switch way {
        case .exit0: exit(0)
        case .exit3: exit(3)
        case .trap: fatalError("a trap that the test asked for")
        case .overflow: return deep(turn)
        case .abort: Glibc.abort()
        case .both:
            try await Task.sleep(for: .milliseconds(300))
            Glibc.abort()
        case .segfault:
            FileOutput.complain("about to fail\n")
            UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
            return 0
        case .killed:
            kill(getpid(), SIGKILL)
            return 0
        case .deaf:
            while true { sleep(1) }
        case .once:
            if context.attempt == 1 { Glibc.abort() }
            return turn
        case .worker, .workerThrows, .device: return turn
        }
    }

    struct Broken: Error {}

    /// Fails on one worker. The others wait until it has failed three times.
    private func fail(onTask task: Int, _ context: JobContext) async throws -> Int {
        let file = open("\(context.directory ?? ".")/failures", O_RDWR | O_APPEND | O_CREAT, 0o600)
        precondition(file >= 0, "the failures cannot be counted")
        defer { close(file) }
        guard context.taskID == task else {
            while lseek(file, 0, SEEK_END) < 3 { try await Task.sleep(for: .milliseconds(5)) }
            return turn
        }
        precondition(write(file, ".", 1) == 1)
        if way == .worker { Glibc.abort() }
        throw Broken()
    }

    static func save(_ turns: [Int], in directory: RunDirectory) {
        FileOutput.write("saved \(turns)\n")
    }
}

@inline(never) private func deep(_ number: Int) -> Int {
    guard number < .max else { return 0 }
    var numbers = [number, number + 1]
    numbers.append(deep(number &+ 1))
    return numbers.reduce(0, &+) &+ deep(number &+ 2)
}
