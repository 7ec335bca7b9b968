import Foundation
import FurrowSystem
import MPI
import Synchronization

/// Tells rank 0 which ranks have died. MPI does not: a message to a dead rank is sent without an
/// error, and one from it never comes.
///
/// Each rank's keeper holds a connection to rank 0, and writes to it how the rank ended; where it
/// cannot, the end of the connection is the news. A thread of its own waits for that, so the loop
/// that deals jobs makes no call for it.
final class LossWatch: Sendable {
    /// Where the ranks connect to.
    let address: LinkAddress
    private let news = Mailbox<LostRank>()
    private let hasNews = Atomic(false)
    private let wakeup = Mutex<Mailbox<Never>?>(nil)

    /// Waits for connections from now on.
    ///
    /// - Parameter isLocal: whether all ranks are on this host.
    /// - Returns: `nil` if there can be none.
    init?(isLocal: Bool) {
        guard let listener = LinkSocket.listening(isLocal: isLocal) else { return nil }
        var random = SystemRandomNumberGenerator()
        address = LinkAddress(
            hosts: isLocal ? ["127.0.0.1"] : LinkAddress.hosts(),
            port: listener.port,
            token: (0..<LinkAddress.tokenLength).map { _ in .random(in: 0...255, using: &random) }
        )
        guard DetachedThread.start({ self.watch(listener.socket) }) == 0 else {
            close(listener.socket)
            return nil
        }
    }

    /// The ranks that have died since the last call.
    func take() -> [LostRank] {
        guard hasNews.exchange(false, ordering: .acquiring) else { return [] }
        return news.take(waitingUpTo: .zero)
    }

    /// Wakes a thread when there is news.
    func wake(_ mailbox: Mailbox<Never>?) { wakeup.withLock { $0 = mailbox } }

    private func watch(_ listener: Int32) {
        var links: [(socket: Int32, rank: Int, host: String)] = []
        while true {
            var sockets = ([listener] + links.map(\.socket)).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&sockets, nfds_t(sockets.count), -1) > 0 else { continue }
            for index in links.indices.reversed() where sockets[index + 1].revents != 0 {
                let word = Self.word(from: links[index].socket)
                if case .none = word { continue }
                let link = links.remove(at: index)
                guard case .lost(let end) = word else {
                    close(link.socket)
                    continue
                }
                // Under srun the keeper stays until rank 0 ends this connection.
                if end == .unknown { close(link.socket) }
                news.post(LostRank(rank: link.rank, host: link.host, end: end))
                hasNews.store(true, ordering: .releasing)
                wakeup.withLock { $0?.wake() }
            }
            if sockets[0].revents != 0, let link = accepted(listener) { links.append(link) }
        }
    }

    /// What a keeper says of its rank.
    private enum Word {
        case none
        case lost(LostRank.End)
        /// It has ended, and the launcher ends the others.
        case endsAll
    }

    private static func word(from socket: Int32) -> Word {
        var news: [UInt8] = [0, 0]
        let count = recv(socket, &news, 2, Int32(MSG_DONTWAIT))
        if count < 0, errno == EINTR || errno == EAGAIN { return .none }
        guard count == 2 else { return .lost(.unknown) }
        switch news[0] {
        case UInt8(ascii: "s"): return .lost(.signal(Int32(news[1])))
        case UInt8(ascii: "e"): return .lost(.exit(Int32(news[1])))
        case UInt8(ascii: "h"): return .lost(.silence)
        case UInt8(ascii: "q"): return .endsAll
        default: return .lost(.unknown)
        }
    }

    private func accepted(_ listener: Int32) -> (socket: Int32, rank: Int, host: String)? {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { return nil }
        // Nothing is started from this process while the first stage begins.
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        LinkSocket.limit(socket)
        LinkSocket.keepAlive(socket)
        var greeting = [UInt8](repeating: 0, count: LinkAddress.greetingLength)
        let count = recv(socket, &greeting, greeting.count, Int32(MSG_WAITALL))
        guard count == greeting.count, let (rank, host) = address.read(greeting: greeting),
            send(socket, [1], 1, Int32(MSG_NOSIGNAL)) == 1
        else {
            close(socket)
            return nil
        }
        return (socket, rank, host)
    }
}

/// The connections of this launch's ranks to rank 0.
@MPIActor
enum RankLinks {
    private static var areMade = false
    /// On rank 0, if there are connections.
    private(set) static var watch: LossWatch?
    /// The node of each worker, by number. On rank 0.
    private(set) static var nodes: [Int] = []

    /// Connects every rank that has a keeper to rank 0, once a launch. Collective.
    static func make(_ world: Communicator) throws {
        guard !areMade, world.size > 1 else { return }
        areMade = true
        let hosts = try world.gather(world.host).dropFirst()
        let numbers = Dictionary(zip(hosts, 0...)) { first, _ in first }
        nodes = hosts.map { numbers[$0] ?? 0 }
        MPISession.leaveTheDead = { Keeper.finish() }
        MPISession.announceAbort = { Keeper.arm(false) }
        var bytes: [UInt8] = []
        if world.rank == 0, Keeper.isThere {
            let launch = LaunchEnvironment(processEnvironment())
            watch = LossWatch(isLocal: launch?.isOnOneHost ?? false)
            if let watch { try WireEncoder().encode(watch.address, into: &bytes) }
        }
        bytes = try world.broadcast(bytes)
        guard world.rank > 0, Keeper.isThere, !bytes.isEmpty else { return }
        let address = try bytes.withUnsafeBytes {
            try WireDecoder().decode(LinkAddress.self, from: $0)
        }
        let greeting = address.greeting(rank: world.rank, host: world.host)
        // A rank without one cannot be lost: its death ends the run, as it does without a keeper.
        if let socket = LinkSocket.connected(to: address, greeting: greeting) {
            Keeper.give(connection: socket)
        }
    }
}
