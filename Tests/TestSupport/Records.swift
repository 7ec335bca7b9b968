package import FurrowRuns

/// An attempt at job `x` of a stage whose jobs have one parameter, `x`.
package func record(
    _ x: Int,
    _ state: JournalRecord.State = .succeeded,
    start: Double = 1,
    occurrence: Int = 0,
    stage: String = "point",
    attempt: Int = 1
) throws -> JournalRecord {
    JournalRecord(
        stage: stage,
        id: JobIdentity(
            stage: stage,
            canonical: Array(#"{"x":\#(x)}"#.utf8),
            occurrence: occurrence
        ),
        job: x + 1,
        attempt: attempt,
        state: state,
        start: start,
        duration: 0.5,
        taskID: 2,
        rank: 3,
        host: "node",
        device: nil,
        message: state == .failed ? "x is \(x)" : nil
    )
}

/// A record as the journal has it.
package func line(_ record: JournalRecord, result: String? = "1") throws -> String {
    String(decoding: try record.line(parameters: #"{"x":1}"#, result: result), as: UTF8.self)
}
