/// Finds the name a user most likely meant.
///
/// Names are compared by the restricted Damerau–Levenshtein distance, ignoring case: the number of
/// letters to insert, delete, replace or swap with a neighbour.
package enum NearestName {
    /// Names longer than this are only compared for equality and prefixes.
    static let longestCompared = 64

    /// The valid name nearest to a mistyped one.
    ///
    /// A candidate is close enough if its distance is at most a third of the length of `name`. One
    /// letter is always allowed, unless nothing is left of the name. It is also close enough if one
    /// name begins with the other and the shorter one has at least two letters. The smallest
    /// distance wins; prefixes come after distances; then the alphabet decides.
    ///
    /// - Parameters:
    ///   - name: The name as the user wrote it.
    ///   - candidates: The valid names.
    /// - Returns: The nearest candidate, or nil if none is close enough.
    package static func nearest(to name: String, among candidates: some Sequence<String>) -> String?
    {
        let wanted = Array(name.lowercased())
        let limit = max(1, wanted.count / 3)
        var best: (rank: Int, name: String)?
        for candidate in candidates {
            guard let rank = rank(of: Array(candidate.lowercased()), for: wanted, limit: limit)
            else { continue }
            if let current = best, (current.rank, current.name) <= (rank, candidate) { continue }
            best = (rank, candidate)
        }
        return best?.name
    }

    /// What to do about an unknown name: `did you mean 'model'? (valid: data, model)`, or only the
    /// valid names if none is near.
    ///
    /// - Parameters:
    ///   - name: The name as the user wrote it.
    ///   - valid: The valid names, in the order to list them.
    ///   - note: An addition to the list of valid names.
    ///   - none: The text to use if no name is valid.
    /// - Returns: The remedy, without a full stop.
    package static func remedy(
        for name: String,
        among valid: [String],
        note: String? = nil,
        none: String = "no name is valid here"
    ) -> String {
        let list = valid.isEmpty ? none : "valid: \(valid.joined(separator: ", "))"
        let all = [list, note].compactMap { $0 }.joined(separator: "; ")
        return nearest(to: name, among: valid).map { "did you mean '\($0)'? (\(all))" } ?? all
    }

    private static func rank(of candidate: [Character], for wanted: [Character], limit: Int)
        -> Int?
    {
        if candidate == wanted { return 0 }
        let shorter = min(candidate.count, wanted.count)
        let longer = max(candidate.count, wanted.count)
        if longer - shorter <= limit, longer <= longestCompared {
            let distance = distance(candidate, wanted)
            if distance <= limit, distance < shorter { return distance }
        }
        let isPrefix = shorter >= 2 && candidate.prefix(shorter) == wanted.prefix(shorter)
        return isPrefix ? limit + (longer - shorter) : nil
    }

    /// The restricted Damerau–Levenshtein distance between two names, case included: how many
    /// insertions, deletions, replacements and swaps of neighbours turn one into the other. No
    /// letter is edited twice.
    static func distance(_ first: [Character], _ second: [Character]) -> Int {
        if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        var row = last
        for i in 1...first.count {
            row[0] = i
            for j in 1...second.count {
                let cost = first[i - 1] == second[j - 1] ? 0 : 1
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
                if i > 1, j > 1, first[i - 1] == second[j - 2], first[i - 2] == second[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        return last[second.count]
    }
}
