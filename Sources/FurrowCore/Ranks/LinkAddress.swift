import Glibc

/// Where rank 0 waits for the other ranks' connections, and the token that they show.
struct LinkAddress: Codable, Sendable, Equatable {
    /// IPv4 addresses of rank 0's host, in text.
    var hosts: [String]
    var port: UInt16
    var token: [UInt8]

    /// The length of a token in bytes.
    static let tokenLength = 16
    /// What a rank sends first: the token, its rank in four bytes, and its host's name, padded.
    static let greetingLength = tokenLength + 4 + 64

    /// A rank's first message.
    func greeting(rank: Int, host: String) -> [UInt8] {
        var bytes = token
        withUnsafeBytes(of: UInt32(rank)) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: host.utf8.prefix(64))
        return bytes + [UInt8](repeating: 0, count: Self.greetingLength - bytes.count)
    }

    /// - Returns: `nil` for a message of somebody else's.
    func read(greeting: [UInt8]) -> (rank: Int, host: String)? {
        guard greeting.count == Self.greetingLength, greeting.starts(with: token) else {
            return nil
        }
        let rest = greeting.dropFirst(Self.tokenLength)
        let rank = rest.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        return (Int(rank), String(decoding: rest.dropFirst(4).prefix { $0 != 0 }, as: UTF8.self))
    }

    /// The addresses of this host that others may reach.
    static func hosts() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var hosts: [String] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            if let host = host(of: entry) { hosts.append(host) }
        }
        return hosts
    }

    private static func host(of entry: ifaddrs) -> String? {
        guard let address = entry.ifa_addr, Int32(address.pointee.sa_family) == AF_INET,
            entry.ifa_flags & UInt32(IFF_UP) != 0,
            entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0
        else { return nil }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
            var address = $0.pointee.sin_addr
            guard inet_ntop(AF_INET, &address, &text, socklen_t(text.count)) != nil else {
                return nil
            }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        }
    }
}

/// A TCP socket of this process, which its children do not inherit.
enum LinkSocket {
    private static func stream() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func address(_ host: in_addr, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = host
        return address
    }

    /// - Parameter isLocal: whether all ranks are on this host.
    /// - Returns: a socket that waits for connections, and its port.
    static func listening(isLocal: Bool) -> (socket: Int32, port: UInt16)? {
        let socket = stream()
        guard socket >= 0 else { return nil }
        let host = in_addr(s_addr: (isLocal ? UInt32(0x7F00_0001) : 0).bigEndian)
        var address = address(host, 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, SOMAXCONN) == 0
                    && getsockname(socket, $0, &length) == 0
            }
        }
        guard isBound else {
            close(socket)
            return nil
        }
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    /// Connects to the first address that answers within a second, and greets.
    ///
    /// - Returns: the socket, once rank 0 has accepted it; `nil` if none answers.
    static func connected(to rankZero: LinkAddress, greeting: [UInt8]) -> Int32? {
        for host in rankZero.hosts {
            var number = in_addr()
            guard inet_pton(AF_INET, host, &number) == 1 else { continue }
            let socket = stream()
            guard socket >= 0 else { return nil }
            limit(socket)
            var address = address(number, rankZero.port)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            var answer: UInt8 = 0
            if isConnected,
                send(socket, greeting, greeting.count, Int32(MSG_NOSIGNAL))
                    == greeting.count,
                recv(socket, &answer, 1, 0) == 1
            {
                keepAlive(socket)
                return socket
            }
            close(socket)
        }
        return nil
    }

    /// Lets no call on a socket take longer than a second.
    static func limit(_ socket: Int32) {
        var time = timeval(tv_sec: 1, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, length)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, length)
    }

    /// Ends a connection whose other end has not answered for 10 + 4 × 5 s: its node has no power,
    /// or is cut off.
    static func keepAlive(_ socket: Int32) {
        func set(_ level: Int32, _ option: Int32, _ value: Int32) {
            var value = value
            setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 30_000)
    }
}
