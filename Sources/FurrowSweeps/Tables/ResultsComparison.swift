import FurrowRuns
import FurrowSystem

/// What differs between the results of two runs. Jobs are the same that have the same parameters.
package struct ResultsComparison {
    /// The rows of a run, and which of their columns are what.
    package struct Side {
        package var table: ResultsTable
        package var parameters: [String]
        package var metrics: [String]
        /// The name of the column with the state.
        package var state: String

        /// - Parameters:
        ///   - table: the rows.
        ///   - parameters: the columns of the parameters.
        ///   - metrics: the columns to compare.
        ///   - state: the column with the state.
        package init(
            table: ResultsTable,
            parameters: [String],
            metrics: [String],
            state: String
        ) {
            self.table = table
            self.parameters = parameters
            self.metrics = metrics
            self.state = state
        }
    }

    /// The jobs that differ: their parameters, states and metrics, each before and after.
    package private(set) var differences: ResultsTable
    /// How many jobs are in both.
    package private(set) var common = 0
    /// How many jobs only one of them has.
    package private(set) var onlyFirst = 0
    package private(set) var onlySecond = 0
    /// How many of the common ones ended in another state.
    package private(set) var otherState = 0
    /// For each metric: its name, in how many jobs it differs, and the mean of the change.
    package private(set) var changes: [(metric: String, jobs: Int, mean: Double)] = []

    /// - Parameters:
    ///   - first: the rows to compare with.
    ///   - second: the rows to compare.
    /// - Throws: ``UnknownColumn`` if the two have no parameter in common.
    package init(_ first: Side, _ second: Side) throws(UnknownColumn) {
        let names = first.parameters.filter(second.parameters.contains)
        if names.isEmpty, let name = first.parameters.first {
            throw UnknownColumn(name: name, columns: second.parameters)
        }
        let metrics = first.metrics.filter(second.metrics.contains)
        let titles = metrics.flatMap { ["\($0)", "\($0) then", "\($0) change"] }
        differences = ResultsTable(columns: names + ["state", "state then"] + titles)
        let (firstKeys, secondKeys) = (
            try first.table.selecting(names).rows, try second.table.selecting(names).rows
        )
        let firstCells = try first.table.selecting([first.state] + metrics).rows
        let secondCells = try second.table.selecting([second.state] + metrics).rows
        // Equal jobs are told apart by their order.
        var places: [[Cell]: [Int]] = [:]
        for (row, key) in secondKeys.enumerated().reversed() {
            places[key, default: []].append(row)
        }
        var sums = metrics.map { _ in (jobs: 0, sum: 0.0) }
        for (row, key) in firstKeys.enumerated() {
            guard let other = places[key]?.popLast() else {
                onlyFirst += 1
                continue
            }
            common += 1
            let (before, after) = (firstCells[row], secondCells[other])
            if before[0] != after[0] { otherState += 1 }
            guard !zip(before, after).allSatisfy(Self.isSame) else { continue }
            var cells = key + [before[0], after[0]]
            for metric in metrics.indices {
                let (old, new) = (before[metric + 1], after[metric + 1])
                var change = Cell.empty
                if let old = old.finiteNumber, let new = new.finiteNumber, old != new {
                    change = Cell(rounded: new - old)
                    sums[metric].jobs += 1
                    sums[metric].sum += new - old
                }
                cells += [old, new, change]
            }
            differences.append(cells)
        }
        onlySecond = secondKeys.count - common
        changes = zip(metrics, sums).map { metric, sum in
            (metric, sum.jobs, sum.jobs > 0 ? sum.sum / Double(sum.jobs) : 0)
        }
    }

    /// `0.10` is the same as `0.1`.
    private static func isSame(_ first: Cell, _ second: Cell) -> Bool {
        first == second || first.text == second.text || Cell.numericOrder(first, second) == .same
    }

    /// In a few lines.
    package var summary: String {
        func jobs(_ count: Int) -> String { count == 1 ? "1 job" : "\(count) jobs" }
        var lines = ["\(jobs(common)) in both"]
        if onlyFirst > 0 { lines[0] += ", \(onlyFirst) only in the first" }
        if onlySecond > 0 { lines[0] += ", \(onlySecond) only in the second" }
        lines.append("state: \(otherState == 0 ? "the same" : "another in \(jobs(otherState))")")
        for change in changes {
            let mean = Cell(rounded: change.mean).text
            lines.append(
                change.jobs == 0
                    ? "\(change.metric): the same"
                    : "\(change.metric): another in \(jobs(change.jobs)), changed by \(mean) on average"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
