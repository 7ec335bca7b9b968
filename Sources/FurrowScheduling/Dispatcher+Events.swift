/// What the dispatcher is told, and what it says.
extension Dispatcher {
    package enum Event: Sendable, Equatable {
        /// The generator made these jobs; an empty range if it is still making the next one.
        case generated(Range<Int>)
        /// The generator will make no more.
        case exhausted
        /// A worker was given these jobs when the stage began.
        case assigned(worker: Int, Range<Int>)
        /// The next jobs of a worker's queue ended; together they took so many seconds.
        case completed(worker: Int, jobs: Int, seconds: Double)
        /// A worker returned the last jobs of its queue.
        case returned(worker: Int, jobs: Int)
        /// No more jobs may start.
        case stop(StopMode)
        /// A worker has stopped: it runs no job and will start none.
        case stopped(worker: Int)
        /// A worker is gone. The jobs it held are dealt to others, before all that wait. The caller
        /// passes on no event of it any more.
        case lost(worker: Int)
        /// A worker gets no more jobs, and returns those that it has not started.
        case suspended(worker: Int)
        /// It gets jobs again.
        case resumed(worker: Int)
        /// Jobs that ended are to run again, before all that wait.
        case repeated(Range<Int>)
        /// So many jobs that ended will be ``retried(job:avoiding:)``, unless the stage is stopped.
        case postponed(jobs: Int)
        /// A job is to run again, before all that wait, on another worker where one has room.
        case retried(job: Int, avoiding: Int)
        /// The only job of this worker takes long: an idle one, if there is one, gets it as well.
        case straggles(worker: Int)
        /// A worker has given up the job that was revoked, or its end does not count: the job has
        /// ended on another worker, or may still succeed there.
        case revoked(worker: Int)
    }

    package enum Command: Sendable, Equatable {
        case deal(worker: Int, Range<Int>)
        case recall(worker: Int)
        /// Deal a job as well that another worker runs.
        case copy(worker: Int, job: Int, from: Int)
        /// A job that a worker has was ended by another one.
        case revoke(worker: Int, job: Int)
        case stop(worker: Int, StopMode)
        /// Every job is accounted for: the gather can begin.
        case proceed
    }
}
