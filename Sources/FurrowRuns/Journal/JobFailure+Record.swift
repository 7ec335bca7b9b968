extension JobFailure {
    /// A failure that the journal has.
    ///
    /// - Parameters:
    ///   - index: the job's number in its stage, from 0.
    ///   - record: its last attempt's.
    ///   - parameters: of the record.
    ///   - message: the text of its error.
    package init(index: Int, _ record: JournalRecord, parameters: JSON, message: String) {
        self.init(
            index: index,
            parameters: "\(parameters)",
            taskID: record.taskID,
            rank: record.rank,
            host: record.host,
            device: nil,
            attempt: record.attempt,
            state: .failed,
            message: message
        )
    }
}
