import FurrowRuns
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowCore

/// No cost of what travels between ranks grows with the square of its size.
@Suite struct WireGrowthTests {
    private struct Record: Codable {
        var name: String
        var values: [Int: Double]
        var inner: [Record]
    }

    private func record(_ count: Int) -> Record {
        Record(
            name: String(repeating: "é", count: count),
            values: Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, Double($0)) }),
            inner: (0..<count).map { Record(name: "\($0)", values: [:], inner: []) }
        )
    }

    @Test func aValue() throws {
        let factor = try Growth.factor(from: 250, record) { record in
            var bytes: [UInt8] = []
            try WireEncoder().encode(record, into: &bytes)
            let again = try bytes.withUnsafeBytes {
                try WireDecoder().decode(Record.self, from: $0)
            }
            #expect(again.inner.count == record.inner.count)
        }
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func retriesThatWait() throws {
        let start = MonotonicTime.now
        let factor = try Growth.factor(from: 250) { count in
            var retries = Retries()
            for index in 0..<count {
                var bytes: [UInt8] = []
                JobTicket(
                    number: index,
                    identity: JobIdentity(stage: "s", canonical: [1]),
                    attempt: 1
                ).append(to: &bytes)
                let failure = JobFailure(
                    index: index,
                    parameters: "",
                    taskID: 0,
                    rank: 1,
                    host: "h",
                    device: nil,
                    attempt: 1,
                    state: .failed,
                    message: "no"
                )
                let retry = Retry(index, bytes[...], isJournaled: true, after: failure)
                // The last comes first.
                retries.add(retry, from: 0, due: start + .milliseconds(count - index))
            }
            var ended = 0
            while retries.next(at: start + .seconds(3600)) != nil { ended += 1 }
            #expect(ended == count)
        }
        #expect(factor < Growth.mostWithoutSquare)
    }
}
