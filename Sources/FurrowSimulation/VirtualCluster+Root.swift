import FurrowScheduling

/// Rank 0.
extension VirtualCluster {
    /// Receives all that has arrived.
    mutating func receive() {
        rootTime = max(rootTime, inbox.first?.time ?? 0)
        for (_, message, worker, failed) in inbox where !workers[worker].isLost {
            var (event, retries) = (message, failed)
            if case .completed(_, let jobs, _) = event {
                workers[worker].recorded.removeFirst(jobs)
                if dispatcher.isOfNoConcern(worker, hasFailed: failed.count == jobs) {
                    (event, retries) = (.revoked(worker: worker), [])
                } else {
                    tally.counted += jobs - retries.count
                }
            }
            if tally.proceeds > 0 { tally.eventsAfterProceed += 1 }
            spend(message: true)
            learn(event)
            timed { $0.handle(event) }
            for job in retries where !dispatcher.isStopping {
                dispatcher.handle(.postponed(jobs: 1))
                add(.retryDue(job: job, from: worker), at: max(now, rootTime) + retryDelay)
            }
        }
        inbox.removeAll(keepingCapacity: true)
        act()
    }

    /// Takes what the generator has made, and carries out the dispatcher's commands.
    mutating func act() {
        rootTime = max(rootTime, now)
        heedPolicy()
        while true {
            takeJobs()
            tally.mostWaiting = max(tally.mostWaiting, dispatcher.waiting)
            guard let command = timed({ $0.nextCommand() }) else { return }
            if tally.proceeds > 0 { tally.commandsAfterProceed += 1 }
            switch command {
            case .deal(let worker, let jobs):
                tally.deals.append(jobs)
                send(command, to: worker)
            case .recall(let worker):
                tally.recalls += 1
                send(command, to: worker)
            case .copy(let worker, let job, _):
                tally.copies += 1
                send(.deal(worker: worker, job..<job + 1), to: worker)
            case .stop(let worker, _), .revoke(let worker, _):
                send(command, to: worker)
            case .proceed:
                tally.proceeds += 1
                tally.end = rootTime
                tally.dealtAtProceed = dispatcher.dealt + dispatcher.waiting
            }
        }
    }

    /// Lets the job be copied that has run longest, if it has run too long.
    mutating func look() {
        guard let patience else { return }
        let worker = dispatcher.straggler(after: patience) {
            workers[$0].running == nil ? nil : now - workers[$0].startTime
        }
        if let worker { dispatcher.handle(.straggles(worker: worker)) }
    }

    private mutating func takeJobs() {
        guard dispatcher.wantsJobs else { return }
        let jobs = ready.isEmpty ? made..<made : ready.removeFirst()
        dispatcher.handle(.generated(jobs))
        tally.generated += jobs.count
        if tally.generated == count { dispatcher.handle(.exhausted) }
        makePortion()
    }

    private mutating func heedPolicy() {
        guard stop != nil, tally.proceeds == 0 else { return }
        stop?.advance(to: now)
        for entry in (stop?.log ?? []).dropFirst(obeyed) {
            obeyed += 1
            switch entry.action {
            case .finish: dispatcher.handle(.stop(.finish))
            case .cancel: dispatcher.handle(.stop(.abort))
            case .abandon, .giveUp: break
            }
        }
        guard let next = stop?.next, next != policyDue else { return }
        policyDue = next
        // Later than what rounding may have made of it.
        add(.policyDue, at: max(next, now) + 1e-9)
    }

    /// What rank 0's loop does with a report besides.
    private mutating func learn(_ event: Dispatcher.Event) {
        guard stop != nil, case .completed(_, let jobs, let seconds) = event else { return }
        jobTimes.record(jobs: jobs, seconds: seconds)
        if let expected = jobTimes.expected {
            dispatcher.depth = 2
            stop?.handle(.expects(.seconds(expected)), at: now)
        }
    }

    /// The worker's journal says which of its jobs have ended; the others are dealt again.
    mutating func lose(_ worker: Int) {
        workers[worker].isLost = true
        // The one that it had may have ended elsewhere, too.
        let ended = dispatcher.isLate(worker) ? [] : workers[worker].recorded
        if !dispatcher.held(by: worker).joined().starts(with: ended) {
            tally.recordsAreInOrder = false
        }
        if !ended.isEmpty {
            tally.counted += ended.count
            dispatcher.handle(.completed(worker: worker, jobs: ended.count, seconds: 0))
        }
        dispatcher.handle(.lost(worker: worker))
        if dispatcher.lost == workers.count { dispatcher.handle(.stop(.abort)) }
    }

    private mutating func send(_ command: Dispatcher.Command, to worker: Int) {
        spend(message: true)
        workers[worker].toWorker = max(workers[worker].toWorker, rootTime + latency())
        add(.command(command, worker: worker), at: workers[worker].toWorker)
    }

    private mutating func spend(message: Bool) {
        let cost = costs.event + (message ? costs.message : 0)
        rootTime += cost
        tally.busy += cost
        tally.events += 1
        if message { tally.messages += 1 }
    }

    private mutating func timed<Value>(_ body: (inout Dispatcher) -> Value) -> Value {
        guard tally.events % 64 == 0 else { return body(&dispatcher) }
        let start = ContinuousClock.now
        let value = body(&dispatcher)
        tally.sampled.time += ContinuousClock.now - start
        tally.sampled.events += 1
        return value
    }
}
