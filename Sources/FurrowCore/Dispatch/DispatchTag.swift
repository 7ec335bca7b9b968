import MPI

/// The purpose of a message between rank 0 and a worker.
enum DispatchTag: Int32, Sendable {
    /// Rank 0 to a worker: jobs.
    case deal
    /// Rank 0 to a worker: return the jobs that have not started.
    case recall
    /// Rank 0 to a worker: a job that it has was ended by another worker. The job's index.
    case revoke
    /// Rank 0 to a worker: start no more jobs.
    case stop
    /// Rank 0 to a worker: the jobs were to blame for their failures; start jobs again.
    case resume
    /// Rank 0 to a worker: every job is accounted for; from now on the others cannot go on without
    /// this rank.
    case proceed
    /// Rank 0 to a worker: begin the gather. The ranks lost in this stage, in eight bytes each.
    case gather
    /// Worker to rank 0: jobs that ended.
    case report
    /// Worker to rank 0: returned jobs.
    case returned
    /// Worker to rank 0: it has given up the job that was revoked.
    case revoked
    /// Worker to rank 0: no job runs here, and none will start.
    case stopped
    /// Worker to rank 0: the answer to "proceed".
    case ready
    /// Worker to rank 0: a signal asks the run to end early.
    case interrupted
}

extension Channel {
    /// Sends a message between rank 0 and a worker.
    func send(_ bytes: [UInt8], to destination: Int, _ tag: DispatchTag) throws(MPIError) {
        try send(bytes, to: destination, tag: tag.rawValue)
    }
}

extension Channel.Message {
    /// The message's purpose.
    var purpose: DispatchTag {
        get throws(MPIError) {
            guard let purpose = DispatchTag(rawValue: tag) else {
                throw MPIError(function: "MPI_Improbe", text: "a message with tag \(tag)")
            }
            return purpose
        }
    }
}
