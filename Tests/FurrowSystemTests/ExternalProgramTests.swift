import FurrowSystem
import Glibc
import Testing

@Suite struct ExternalProgramTests {
    private func failure(
        _ script: String,
        limit: Duration = .seconds(60)
    ) async -> ExternalProgram.Failure? {
        await #expect(throws: ExternalProgram.Failure.self) {
            try await ExternalProgram.output(of: ["sh", "-c", script], limit: limit)
        }
    }

    @Test func whatAProgramPrintsArrivesWhole() async throws {
        let output = try await ExternalProgram.output(
            of: ["sh", "-c", "seq 100000; printf '\\351\\n' >&2; echo \"$1\"", "sh", "a b"],
            limit: .seconds(60)
        )
        #expect(output.hasSuffix("100000\na b\n"))
        #expect(output.split(separator: "\n").count == 100_001)
    }

    @Test func aFailureHasStatusAndMessage() async throws {
        let failure = await failure("echo so >&2; exit 3")
        #expect(failure?.description == "'sh -c echo so >&2; exit 3' ended with 3: so")
        #expect(failure?.errors == "so")
        let signal = await self.failure("kill -9 $$")
        #expect(signal?.description.contains("ended with signal 9") == true)
        #expect(signal?.errors == nil)
    }

    @Test func aProgramThatDoesNotExistIsNamed() async {
        let failure = await #expect(throws: ExternalProgram.Failure.self) {
            try await ExternalProgram.output(of: ["furrow-no-such"], limit: .seconds(60))
        }
        #expect(failure?.description.contains("furrow-no-such") == true)
    }

    @Test func aProgramThatIgnoresSignalsEndsAtItsLimit() async {
        let start = ContinuousClock.now
        let failure = await failure("trap '' TERM; sleep 500 & wait", limit: .milliseconds(300))
        #expect(failure?.description.contains("took longer than 0.3 s") == true)
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    /// A daemon that a site's wrapper starts must not hold up its answer.
    @Test(.timeLimit(.minutes(1)))
    func aChildThatKeepsThePipeOpenIsNotWaitedFor() async throws {
        let output = try await ExternalProgram.output(
            of: ["sh", "-c", "sleep 300 & echo $!"],
            limit: .seconds(60)
        )
        let child = try #require(pid_t(output.dropLast()))
        #expect(kill(child, SIGKILL) == 0)
    }

    @Test func anOutputWithoutEndIsRefused() async {
        let failure = await failure("cat /dev/zero")
        #expect(failure?.description.contains("exceeded the limit") == true)
    }

    /// The threads of a rank block signals, which a child would inherit.
    @Test func aProgramBlocksNoSignals() async throws {
        let output = try await ExternalProgram.output(
            of: ["grep", "SigBlk", "/proc/self/status"],
            limit: .seconds(60)
        )
        #expect(output == "SigBlk:\t0000000000000000\n")
    }
}
