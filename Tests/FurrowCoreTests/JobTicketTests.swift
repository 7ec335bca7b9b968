import FurrowRuns
import Testing

@testable import FurrowCore

@Suite struct JobTicketTests {
    @Test func aTicketTravelsBeforeItsJob() {
        let tries = [(1, 0), (2, 0), (1, 1), (100_000, 70_000)]
        for identity in [nil, 0, .max, 1 << 127 | 1] as [UInt128?] {
            for (attempt, deaths) in tries {
                let ticket = JobTicket(
                    number: 1 << 60 - 1,
                    identity: identity.map { JobIdentity(hash: $0) },
                    attempt: attempt,
                    deaths: deaths
                )
                var bytes: [UInt8] = [9, 9, 9]
                ticket.append(to: &bytes)
                bytes += [7, 8]
                var rest = bytes.dropFirst(3)
                #expect(JobTicket(takingFrom: &rest, isJournaled: identity != nil) == ticket)
                #expect(Array(rest) == [7, 8])
            }
        }
    }
}
