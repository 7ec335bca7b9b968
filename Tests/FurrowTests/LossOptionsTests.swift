import ArgumentParser
import Testing

@testable import Furrow

@Suite struct LossOptionsTests {
    private func options(_ arguments: String...) throws -> RunnerOptions {
        try RunnerOptions.parse(arguments)
    }

    private func refusal(_ arguments: String...) -> String {
        do {
            _ = try RunnerOptions.parse(arguments)
            return "accepted"
        } catch {
            return RunnerOptions.message(for: error)
        }
    }

    @Test func aLossEndsARunByDefault() async throws {
        #expect(try options().onLoss == .abort)
        #expect(try await options().runOptions(name: "x").onLoss == .abort)
    }

    @Test func theRunnerGetsThem() async throws {
        let given = try await options("--on-loss", "continue", "--max-lost", "2")
            .runOptions(name: "x")
        #expect(given.onLoss == .continue)
        #expect(given.maxLost == 2)
        #expect(try await options("--on-loss", "continue").runOptions(name: "x").maxLost == nil)
    }

    @Test func theHeartbeatHasALimit() async throws {
        #expect(try await options().runOptions(name: "x").heartbeat == .seconds(120))
        let given = try await options("--heartbeat", "90s").runOptions(name: "x")
        #expect(given.heartbeat == .seconds(90))
        #expect(try await options("--heartbeat", "never").runOptions(name: "x").heartbeat == nil)
        for text in ["0", "10ms", "soon"] { #expect(refusal("--heartbeat", text).contains(text)) }
    }

    @Test func whatHasNoSenseIsRefused() {
        #expect(refusal("--on-loss", "continue", "--max-lost=-1").contains("must be 0 or more"))
        #expect(refusal("--max-lost", "1") == "--max-lost needs --on-loss continue")
        #expect(refusal("--on-loss", "ignore").contains("ignore"))
    }
}
