/// One of several parts of a stage's jobs, which together are all of them.
package struct Shard: Sendable, Hashable {
    /// What a shard must be.
    package static let form = "K/N, with K from 1 to N"

    /// Which part, from 1.
    package let number: Int
    /// How many parts there are.
    package let count: Int

    /// Reads `1/4`; `nil` for anything else.
    package init?(_ text: String) {
        guard let match = text.wholeMatch(of: /([0-9]{1,9})\/([0-9]{1,9})/),
            let number = Int(match.1), let count = Int(match.2), 1...max(count, 1) ~= number,
            count > 0
        else { return nil }
        self.number = number
        self.count = count
    }

    /// The part of a task of a job array of SLURM: its place among the tasks of the array.
    ///
    /// - Returns: `nil` outside an array, and in one whose numbers have unequal distances.
    package init?(ofArrayIn environment: [String: String]) {
        func number(_ name: String) -> Int? {
            environment["SLURM_ARRAY_TASK_\(name)"].flatMap { Int($0) }
        }
        guard let own = number("ID"), let first = number("MIN"), let last = number("MAX"),
            let count = number("COUNT"), count > 0
        else { return nil }
        let step = count == 1 ? 1 : (last - first) / (count - 1)
        guard step > 0, first + step * (count - 1) == last, own >= first,
            (own - first).isMultiple(of: step), (own - first) / step < count
        else { return nil }
        self.number = (own - first) / step + 1
        self.count = count
    }

    /// `1/4`.
    package var text: String { "\(number)/\(count)" }
}
