extension VirtualCluster {
    /// What has happened.
    package struct Tally {
        /// How often each job has run to its end.
        private var runs: [UInt8]
        /// How many jobs have run to their end.
        package private(set) var ran = 0
        /// How many have done so more than once.
        package private(set) var repeated = 0
        /// Where each job has run, attempt by attempt, if some fail.
        package internal(set) var attempts: [Int: [Int]] = [:]
        /// How many ends of jobs rank 0 has counted.
        package internal(set) var counted = 0
        /// How many jobs the dispatcher was told of.
        package internal(set) var generated = 0
        package internal(set) var deals: [Range<Int>] = []
        package internal(set) var recalls = 0
        package internal(set) var proceeds = 0
        package internal(set) var happenings = 0
        package internal(set) var commandsAfterProceed = 0
        /// Messages that would reach the next stage.
        package internal(set) var eventsAfterProceed = 0
        /// Jobs that were not accounted for when the stage went on.
        package internal(set) var dealtAtProceed = 0
        package internal(set) var mostWaiting = 0
        /// Jobs that were dealt to a second worker, and how many of either were given up.
        package internal(set) var copies = 0
        package internal(set) var givenUp = 0
        /// Jobs that were cut short.
        package internal(set) var cancelled = 0
        /// Whether what a dead worker had recorded was what it was dealt first.
        package internal(set) var recordsAreInOrder = true
        /// When the stage went on to its end.
        package internal(set) var end = 0.0
        /// When the last job began, and when the last one ended.
        package internal(set) var lastStart = 0.0
        package internal(set) var lastEnd = 0.0
        /// How long the jobs took together, and the longest of them.
        package internal(set) var seconds = 0.0
        package internal(set) var longest = 0.0
        /// Rank 0's events and commands, and the messages among them.
        package internal(set) var events = 0
        package internal(set) var messages = 0
        /// How long rank 0 was busy, in virtual seconds.
        package internal(set) var busy = 0.0
        /// The real time of handling events on this machine, measured for every 64th.
        package internal(set) var sampled = (events: 0, time: Duration.zero)

        init(jobs: Int) { runs = Array(repeating: 0, count: jobs) }

        mutating func count(_ job: Int) {
            switch runs[job] {
            case 0: ran += 1
            case 1: repeated += 1
            default: break
            }
            if runs[job] < 2 { runs[job] += 1 }
        }
    }
}
