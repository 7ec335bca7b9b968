import Foundation
package import FurrowRuns
import FurrowSystem

/// What is told of several values.
package enum Statistic: String, Sendable, CaseIterable {
    case mean, std, min, median, max, sum, count

    /// The statistic of some numbers; `nil` where they have none.
    func of(_ numbers: [Double]) -> Double? {
        if self == .count { return Double(numbers.count) }
        guard !numbers.isEmpty else { return nil }
        let count = Double(numbers.count)
        let sum = numbers.reduce(0, +)
        switch self {
        case .mean: return sum / count
        case .std:
            guard numbers.count > 1 else { return nil }
            let squares = numbers.reduce(0) { $0 + ($1 - sum / count) * ($1 - sum / count) }
            return (squares / (count - 1)).squareRoot()
        case .min: return numbers.min()
        case .max: return numbers.max()
        case .sum: return sum
        case .count: return count
        case .median:
            let sorted = numbers.sorted()
            let middle = sorted.count / 2
            return sorted.count.isMultiple(of: 2)
                ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        }
    }
}

extension ResultsTable {
    /// A row for each combination of values of some columns, with statistics of others. Cells that
    /// are not finite numbers do not count.
    ///
    /// - Parameters:
    ///   - names: the columns whose values make the groups.
    ///   - measured: the columns to tell of.
    ///   - statistics: what to tell.
    /// - Returns: the groups in order of appearance: `names`, `jobs`, and `mean(NAME)` and so on.
    /// - Throws: ``UnknownColumn``.
    package func grouped(
        by names: [String],
        measuring measured: [String],
        _ statistics: [Statistic]
    ) throws(UnknownColumn) -> ResultsTable {
        let keys = try selecting(names)
        let values = try selecting(measured)
        var places: [[Cell]: Int] = [:]
        var groups: [(key: [Cell], rows: [Int])] = []
        for (row, key) in keys.rows.enumerated() {
            let place = places[key] ?? groups.count
            if place == groups.count {
                places[key] = place
                groups.append((key, []))
            }
            groups[place].rows.append(row)
        }
        let titles = measured.flatMap { name in statistics.map { "\($0.rawValue)(\(name))" } }
        var columns = names
        for title in ["jobs"] + titles {
            // A column of the groups may have the name.
            columns.append(columns.contains(title) ? "furrow_" + title : title)
        }
        var table = ResultsTable(columns: columns)
        for group in groups {
            var cells = group.key + [.integer(group.rows.count)]
            for column in measured.indices {
                let numbers = group.rows.compactMap { values.rows[$0][column].finiteNumber }
                cells += statistics.map { $0.of(numbers).map(Cell.init(rounded:)) ?? .empty }
            }
            table.append(cells)
        }
        return table
    }
}

extension Cell {
    /// The number; `nil` for NaN, infinity, and all that is no number.
    package var finiteNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value, _): value.isFinite ? value : nil
        case .empty, .boolean, .text: nil
        }
    }

    /// A number that was computed, with the digits that count.
    init(rounded value: Double) {
        if value == value.rounded(), value.magnitude < 1e15 {
            self = .integer(Int(value))
        } else {
            self = .number(value, written: String(format: "%.6g", value))
        }
    }
}
