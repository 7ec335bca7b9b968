import Synchronization

/// The positions of many byte strings in a list. Made on first use; takes a few words of memory per
/// entry.
final class RowIndex: Sendable {
    /// Entries with the same hash are next to each other, and so are those with the same bytes.
    private struct Table: Sendable {
        /// The positions of all entries, group by group, ascending within each.
        var places: [Int] = []
        /// The start of each group, and its hash; ascending by hash.
        var groups: [(start: Int, hash: Int)] = []
    }

    private let count: Int
    private let bytes: @Sendable (Int) -> [UInt8]
    private let table = Mutex<Table?>(nil)

    /// - Parameters:
    ///   - count: how many entries there are.
    ///   - bytes: the bytes of an entry.
    init(count: Int, bytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.count = count
        self.bytes = bytes
    }

    /// The positions of an entry, ascending.
    func places(of key: [UInt8]) -> ArraySlice<Int> {
        let table = made()
        let hash = Self.hash(key)
        var (low, high) = (0, table.groups.count)
        while low < high {
            let middle = (low + high) / 2
            if table.groups[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < table.groups.count, table.groups[low].hash == hash {
            let start = table.groups[low].start
            low += 1
            guard bytes(table.places[start]) == key else { continue }
            let end = low < table.groups.count ? table.groups[low].start : table.places.count
            return table.places[start..<end]
        }
        return []
    }

    /// The first position whose entry is also at a lower position.
    var firstRepetition: Int? {
        let table = made()
        return table.groups.indices.compactMap { number in
            let second = table.groups[number].start + 1
            let end =
                number + 1 < table.groups.count
                ? table.groups[number + 1].start : table.places.count
            return second < end ? table.places[second] : nil
        }.min()
    }

    private func made() -> Table {
        table.withLock { table in
            if let table { return table }
            let new = make()
            table = new
            return new
        }
    }

    private func make() -> Table {
        let hashes = (0..<count).map { Self.hash(bytes($0)) }
        let order = (0..<count).sorted { (hashes[$0], $0) < (hashes[$1], $1) }
        var table = Table(places: order)
        var start = 0
        while start < count {
            let hash = hashes[order[start]]
            var end = start + 1
            while end < count, hashes[order[end]] == hash { end += 1 }
            // Different entries with the same hash are very rare; each gets a group.
            while start < end {
                let key = bytes(table.places[start])
                table.groups.append((start, hash))
                var next = start + 1
                while next < end, bytes(table.places[next]) == key { next += 1 }
                if next < end {
                    let rest = table.places[start..<end]
                    let same = rest.filter { bytes($0) == key }
                    next = start + same.count
                    table.places.replaceSubrange(
                        start..<end,
                        with: same + rest.filter { bytes($0) != key }
                    )
                }
                start = next
            }
        }
        return table
    }

    private static func hash(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
