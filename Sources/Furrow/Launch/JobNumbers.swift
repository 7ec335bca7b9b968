import ArgumentParser

/// Numbers of jobs, from 1, as people write them: `3`, `3,7`, `3..7`.
struct JobNumbers: ExpressibleByArgument, Sendable {
    /// More of them are no oversight.
    private static let most = 10_000

    /// The numbers.
    let all: Set<Int>

    init?(argument: String) {
        var all: Set<Int> = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "..", omittingEmptySubsequences: false).map {
                Int($0)
            }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1],
                first >= 1, last >= first, last - first < Self.most
            else { return nil }
            all.formUnion(first...last)
        }
        self.all = all
    }
}
