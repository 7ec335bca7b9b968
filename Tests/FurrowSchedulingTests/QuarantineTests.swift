import FurrowSystem
import Testing

@testable import FurrowScheduling

/// Workers whose jobs fail where others' succeed.
@Suite struct QuarantineTests {
    @Test func aWorkerIsTakenOutIfItsJobsSucceedElsewhere() {
        var quarantine = Quarantine(workers: 3)
        #expect(!quarantine.isTrying)
        #expect(quarantine.suspect(1, of: [4, 5, 6]) == true)
        #expect(quarantine.isTrying)
        #expect(quarantine.heed([7, 8], on: 2, succeeded: 2, failed: 0) == [])
        #expect(quarantine.heed([5], on: 0, succeeded: 1, failed: 0) == [.takenOut(worker: 1)])
        // The others of its jobs do not matter any more.
        #expect(quarantine.heed([4, 6], on: 0, succeeded: 0, failed: 2) == [])
        #expect(quarantine.suspect(1, of: [9]) == false)
    }

    @Test func aWorkerGoesOnIfItsJobsFailElsewhere() {
        var quarantine = Quarantine(workers: 2)
        #expect(quarantine.suspect(0, of: [1, 2]) == true)
        #expect(quarantine.heed([1], on: 1, succeeded: 0, failed: 1) == [.goesOn(worker: 0)])
        #expect(!quarantine.isTrying)
        // Nobody else has had a success since.
        #expect(quarantine.suspect(0, of: [3]) == false)
        #expect(quarantine.heed([], on: 1, succeeded: 1, failed: 1) == [])
        #expect(quarantine.suspect(0, of: [3]) == true)
    }

    @Test func oneWorkerAlwaysRemains() {
        var quarantine = Quarantine(workers: 2)
        #expect(quarantine.suspect(0, of: [1]) == true)
        #expect(quarantine.suspect(1, of: [2]) == false)
        #expect(quarantine.heed([1], on: 1, succeeded: 1, failed: 0) == [.takenOut(worker: 0)])
        #expect(quarantine.suspect(1, of: [3]) == false)
        #expect(quarantine.remove(1) == nil)
        var alone = Quarantine(workers: 1)
        #expect(alone.suspect(0, of: [1]) == false)
        #expect(alone.remove(0) == nil)
    }

    @Test func whoIsSuspectedGoesOnIfNobodyElseIsAtWork() {
        var quarantine = Quarantine(workers: 3)
        #expect(quarantine.suspect(0, of: [1]) == true)
        #expect(quarantine.suspect(1, of: [2]) == true)
        #expect(quarantine.remove(2) == [.goesOn(worker: 0), .goesOn(worker: 1)])
        #expect(quarantine.remove(1) == [])
        #expect(quarantine.remove(0) == nil)
    }

    @Test func aSuspendedWorkerGetsNoJobsAndReturnsItsOwn() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: 1))
        func commands() -> [Dispatcher.Command] {
            var commands: [Dispatcher.Command] = []
            while let command = dispatcher.nextCommand() { commands.append(command) }
            return commands
        }
        dispatcher.handle(.generated(0..<5))
        dispatcher.handle(.exhausted)
        #expect(commands().count == 4)
        dispatcher.handle(.completed(worker: 0, jobs: 1, seconds: 1))
        dispatcher.handle(.suspended(worker: 0))
        dispatcher.handle(.repeated(0..<1))
        #expect(commands() == [.recall(worker: 0)])
        dispatcher.handle(.completed(worker: 1, jobs: 2, seconds: 1))
        #expect(commands() == [.deal(worker: 1, 0..<1), .deal(worker: 1, 4..<5)])
        dispatcher.handle(.returned(worker: 0, jobs: 1))
        #expect(commands() == [])
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(commands() == [.deal(worker: 1, 2..<3)])
        dispatcher.handle(.resumed(worker: 0))
        dispatcher.handle(.completed(worker: 1, jobs: 2, seconds: 1))
        #expect(commands() == [.proceed])
    }

    /// Random stages: where a job succeeds on some worker at work, it has succeeded in the end, and
    /// no good worker was taken out.
    @Test(arguments: 0..<200)
    func everyJobSucceedsThatCan(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let workers = Int.random(in: 2...6, using: &random)
        var simulation = QuarantineSimulation(
            workers: workers,
            jobs: Int.random(in: 1...120, using: &random),
            bad: Set((0..<workers).filter { _ in Bool.random(using: &random) }),
            spoiled: [0, 0, 0.2, 1].randomElement(using: &random) ?? 0,
            schedule: [.dynamic(chunk: 1), .dynamic(chunk: 7), .static(chunk: nil)]
                .randomElement(using: &random) ?? .dynamic(chunk: nil),
            seed: seed
        )
        simulation.run()
        #expect(simulation.hasEnded)
        #expect(simulation.ended == simulation.jobs)
        if simulation.bad.count < workers {
            #expect(simulation.removed.isSubset(of: simulation.bad))
            // Those that no streak of failures was long enough for are all that is lost.
            let lost = simulation.lost
            #expect(
                lost <= simulation.bad.count * (QuarantineSimulation.limit - 1)
                    + simulation.forgiven
            )
        }
    }
}
