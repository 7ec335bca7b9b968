import FurrowSimulation
import FurrowSystem
import Testing

@testable import FurrowScheduling

extension VirtualStop {
    /// Goes on until an instant as a loop that sleeps does: it wakes when something is due.
    mutating func sleep(until end: Double) {
        while let next, next <= end { advance(to: next) }
    }

    /// Goes on until an instant as a loop that looks every half a second does.
    mutating func poll(from begin: Double, until end: Double) {
        for now in stride(from: begin, through: end, by: 0.5) { advance(to: now) }
    }
}

@Suite struct StopPolicyTests {
    private static let grace = 3.0
    private static let events: [StopPolicy.Event] = [
        .signal(10), .signal(15, isRepeated: true), .jobFailed(nil), .jobFailed(.finish),
        .jobFailed(.abort), .fault, .expects(.seconds(1)), .expects(.seconds(3)), .ended,
    ]

    private typealias Timed = (event: StopPolicy.Event, at: Double)

    /// Three events in every order, at every one of some instants. Limits and ticks are whole seconds,
    /// events come between them.
    private static let sequences: [[Timed]] = {
        let instants = [0.5, 1.5, 4.5]
        var sequences: [[Timed]] = [[]]
        var all: [[Timed]] = [[]]
        for _ in 0..<3 {
            sequences = sequences.flatMap { sequence in
                instants.filter { $0 >= sequence.last?.at ?? 0 }.flatMap { instant in
                    events.map { sequence + [($0, instant)] }
                }
            }
            all += sequences
        }
        return all
    }()

    /// What is to happen, found by looking at the whole of a sequence at once.
    private struct Expectation {
        var stop: (at: Double, reason: StopPolicy.Reason, cancels: Bool)?
        var log: [VirtualStop.Entry] = []

        init(_ sequence: [Timed], lastMoment: Double?, runsJobs: Bool) {
            let end = sequence.first { $0.event == .ended }?.at ?? 100
            let sequence = Array(sequence.prefix { $0.event != .ended })
            var stops: [(at: Double, reason: StopPolicy.Reason, cancels: Bool)] = []
            var cancellations: [Double] = []
            if let lastMoment, lastMoment <= end { cancellations.append(lastMoment) }
            var expected = 0.0
            var limit = lastMoment ?? 100
            for (event, at) in sequence {
                // It comes by itself before this event.
                if limit <= at, lastMoment != nil {
                    stops.append((limit, .interruption(.timeLimit), false))
                }
                switch event {
                case .signal(let signal, let isRepeated):
                    stops.append((at, .interruption(.signal(signal)), isRepeated))
                    cancellations.append(isRepeated ? at : at + grace)
                case .jobFailed(.finish):
                    stops.append((at, .failure, false))
                case .jobFailed(.abort):
                    stops.append((at, .failure, true))
                    cancellations.append(at)
                case .fault:
                    stops.append((at, .fault, true))
                    cancellations.append(at)
                case .expects(let duration):
                    expected = duration.seconds
                    if let lastMoment { limit = max(at, lastMoment - expected) }
                    if limit == at { stops.append((at, .interruption(.timeLimit), false)) }
                case .jobFailed(nil), .ordered, .ended:
                    break
                }
            }
            if lastMoment != nil, limit <= end {
                stops.append((limit, .interruption(.timeLimit), false))
            }
            // The first in time; of those at one instant the first that was told.
            for candidate in stops where candidate.at < stop?.at ?? 100 { stop = candidate }
            guard let stop else { return }
            if !stop.cancels { add(.finish, at: stop.at) }
            guard let cancellation = cancellations.min(), cancellation <= end else { return }
            add(.cancel, at: cancellation)
            let last = cancellation + grace + (runsJobs ? 1 : 10)
            if last <= end { add(runsJobs ? .abandon : .giveUp, at: last) }
        }

        private mutating func add(_ action: StopPolicy.Action, at instant: Double) {
            log.append(VirtualStop.Entry(action: action, at: instant))
        }
    }

    private static func describe(_ log: [VirtualStop.Entry]) -> [String] {
        log.map(\.description)
    }

    /// Signals, failures, faults, the time limit and the end of all jobs in every order: what is
    /// done, when, and the reason given. A loop that sleeps until something is due and one that looks
    /// all the time do the same.
    @Test(arguments: [(nil, true), (nil, false), (1, true), (2, true), (6, true), (6, false)])
    func everyOrderOfEvents(of stage: (lastMoment: Double?, runsJobs: Bool)) {
        let (lastMoment, runsJobs) = stage
        var wrong: [String] = []
        for sequence in Self.sequences {
            let expected = Expectation(sequence, lastMoment: lastMoment, runsJobs: runsJobs)
            var sleeper = VirtualStop(
                grace: Self.grace,
                lastMoment: lastMoment,
                runsJobs: runsJobs
            )
            var poller = sleeper
            var now = 0.0
            var mayStart: [Bool] = []
            for (event, at) in sequence {
                sleeper.sleep(until: at)
                sleeper.handle(event, at: at)
                poller.poll(from: now, until: at)
                poller.handle(event, at: at)
                mayStart.append(sleeper.policy.mayStart)
                now = at
            }
            sleeper.sleep(until: 24)
            poller.poll(from: now, until: poller.next == nil ? now + 2 : 24)
            let isRight =
                sleeper.log == expected.log && sleeper.log == poller.log
                && sleeper.policy.reason == expected.stop?.reason
                && poller.policy.reason == expected.stop?.reason
                // What has stopped starts no more.
                && mayStart == mayStart.sorted { $0 && !$1 }
                && sleeper.next == nil
            if !isRight {
                wrong.append(
                    "\(sequence): \(sleeper.log), \(String(describing: sleeper.policy.reason)); "
                        + "polling \(poller.log); expected "
                        + "\(expected.log), \(String(describing: expected.stop))"
                )
            }
        }
        #expect(Self.sequences.count > 5000)
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(3).joined(separator: "\n"))")
    }

    @Test func withoutAnEventNothingHappens() {
        var stage = VirtualStop(grace: 5)
        #expect(stage.next == nil)
        stage.poll(from: 0, until: 100)
        #expect(stage.log.isEmpty)
        #expect(stage.policy.mayStart)
    }

    /// A signal gives no job more time than the limit leaves.
    @Test func aSignalDoesNotMoveTheTimeLimit() {
        var stage = VirtualStop(grace: 30, lastMoment: 2)
        stage.handle(.signal(10), at: 0.5)
        #expect(stage.next == 2)
        stage.sleep(until: 40)
        #expect(Self.describe(stage.log) == ["finish at 0.5", "cancel at 2.0", "abandon at 33.0"])
        #expect(stage.policy.interruption == .signal(10))
    }

    /// Several ranks tell of one signal, a little later each.
    @Test func aSignalThatIsToldOfAgainGivesNoMoreTime() {
        var stage = VirtualStop(grace: 5)
        stage.handle(.signal(10), at: 1)
        stage.handle(.signal(10), at: 4)
        stage.sleep(until: 100)
        #expect(Self.describe(stage.log) == ["finish at 1.0", "cancel at 6.0", "abandon at 12.0"])
    }

    @Test func whoAsksTwiceDoesNotWait() {
        var stage = VirtualStop(grace: 5)
        stage.handle(.signal(2), at: 1)
        stage.handle(.signal(2, isRepeated: true), at: 2)
        #expect(Self.describe(stage.log) == ["finish at 1.0", "cancel at 2.0"])
        #expect(stage.next == 8)
    }

    @Test func aWorkerDoesWhatItIsTold() {
        var worker = VirtualStop(grace: 2)
        worker.handle(.ordered(.finish), at: 1)
        #expect(worker.next == nil)
        worker.handle(.ordered(.abort), at: 5)
        worker.handle(.ordered(.finish), at: 6)
        worker.sleep(until: 100)
        #expect(Self.describe(worker.log) == ["finish at 1.0", "cancel at 5.0", "abandon at 8.0"])
    }

}
