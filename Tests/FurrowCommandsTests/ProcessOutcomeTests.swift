import Glibc
import Testing

@testable import FurrowCommands

@Suite struct ProcessOutcomeTests {
    @Test func aShellTellsTheSignalOfWhatItStarted() {
        #expect(ProcessOutcome(end: .signalled(9)).foreignSignal == SIGKILL)
        #expect(ProcessOutcome(end: .exited(137)).foreignSignal == SIGKILL)
        #expect(ProcessOutcome(end: .exited(128)).foreignSignal == nil)
        #expect(ProcessOutcome(end: .exited(1)).foreignSignal == nil)
    }

    @Test func aSupervisorsSignalIsNotForeign() {
        for cause in [\ProcessOutcome.timedOut, \.stopped, \.overflowed] {
            var outcome = ProcessOutcome(end: .signalled(9))
            outcome[keyPath: cause] = true
            #expect(outcome.foreignSignal == nil)
        }
    }

    /// Nobody waits for a signal that does not end runs.
    @Test(.timeLimit(.minutes(1)), arguments: [SIGKILL, SIGSEGV, 127])
    func aSignalOfItsOwnIsAFailure(signal: Int32) async {
        #expect(await !ProcessOutcome(end: .signalled(signal)).wasCancelled(isFailed: true))
    }

    @Test func aSuccessIsNotCancelled() async {
        #expect(await !ProcessOutcome(end: .exited(143)).wasCancelled(isFailed: false))
    }
}
