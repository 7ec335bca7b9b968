import FurrowSystem
import Glibc
import MPI
import Testing

@testable import FurrowCore

@Suite struct LossWatchTests {
    private let watch: LossWatch
    private let wakeup = Mailbox<Never>()

    init() throws {
        watch = try #require(LossWatch(isLocal: true))
        watch.wake(wakeup)
    }

    private func connection(_ rank: Int, token: [UInt8]? = nil) -> Int32? {
        var address = watch.address
        if let token { address.token = token }
        return LinkSocket.connected(
            to: watch.address,
            greeting: address.greeting(rank: rank, host: "node\(rank)")
        )
    }

    /// The next news, which come from another thread.
    private func news() -> [LostRank] {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            _ = wakeup.take(waitingUpTo: .seconds(1))
            let news = watch.take()
            if !news.isEmpty { return news }
        }
        return []
    }

    @Test(arguments: [
        ([UInt8(ascii: "s"), 9], LostRank.End.signal(9)),
        ([UInt8(ascii: "e"), 3], .exit(3)),
        ([], .unknown),
    ])
    func theEndOfAConnectionIsTheNews(bytes: [UInt8], end: LostRank.End) throws {
        let other = try #require(connection(1))
        defer { close(other) }
        let socket = try #require(connection(7))
        #expect(watch.take().isEmpty)
        #expect(send(socket, bytes, bytes.count, 0) == bytes.count)
        close(socket)
        #expect(news() == [LostRank(rank: 7, host: "node7", end: end)])
        #expect(watch.take().isEmpty)
    }

    /// A rank that ends all has no loss to tell of.
    @Test func anAbortIsNoLoss() throws {
        let first = try #require(connection(1))
        let second = try #require(connection(2))
        #expect(send(first, Array("q".utf8) + [0], 2, 0) == 2)
        close(first)
        close(second)
        #expect(news().map(\.rank) == [2])
        #expect(watch.take().isEmpty)
    }

    @Test func whoHasNotTheTokenIsTurnedAway() throws {
        #expect(connection(1, token: [UInt8](repeating: 0, count: 16)) == nil)
        let socket = try #require(connection(2))
        close(socket)
        #expect(news().map(\.rank) == [2])
    }

    @Test func theTextSaysWhereAndHow() {
        func text(_ end: LostRank.End) -> String {
            LostRank(rank: 2, host: "n1", end: end).description
        }
        #expect(text(.signal(9)) == "rank 2 on n1 was killed by signal 9 (Killed)")
        #expect(text(.exit(3)) == "rank 2 on n1 exited with 3 in the middle of its work")
        #expect(text(.unknown) == "rank 2 on n1 is out of reach")
    }
}
