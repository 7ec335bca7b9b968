import FurrowRuns
import FurrowSystem
import Testing

@testable import FurrowCore

@Suite struct RankProblemTests {
    private func notice(_ host: String, _ message: String) -> RankProblem.Notice {
        let problem = RankProblem(UsageError(message), blaming: .input)
        return RankProblem.Notice(host: host, problem: problem)
    }

    @Test func theErrorsOwnCauseIsTheCause() {
        #expect(notice("a", "x").problem.cause == .usage)
        #expect(RankProblem(RunFault("x"), blaming: .journal).cause == .journal)
    }

    @Test func theFirstRankIsNamedWithItsHost() {
        let alone = RankProblem(joining: [nil, nil, notice("n2", "no disk")])
        #expect(alone.message == "rank 2 on n2: no disk")
        let two = RankProblem(joining: [nil, notice("n1", "no disk"), notice("n2", "no room")])
        #expect(two.message == "rank 1 on n1: no disk (and on 1 more rank)")
        #expect(two.cause == .usage)
        let all = RankProblem(joining: [notice("a", "x"), notice("b", "y"), notice("c", "x")])
        #expect(all.message == "rank 0 on a: x (and on 2 more ranks)")
    }

    @Test func whatEveryRankMetHasNoPlace() {
        #expect(RankProblem(joining: [notice("a", "x"), notice("b", "x")]).message == "x")
        #expect(RankProblem(joining: [notice("a", "x")]).message == "x")
    }
}
