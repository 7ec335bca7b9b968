import FurrowRuns
import FurrowSystem

/// A column of the report's rows: its values, or the numbers of its few different values.
struct ReportColumn {
    /// After so many rows it is known whether values repeat.
    private static let fewRows = 1_000

    /// The number of each row's value; empty for values that are mostly different.
    private var cells: [Int32] = []
    private var values: [String] = []
    private var places: [String: Int32] = [:]
    /// The last row's cell: many columns have the same value in all rows.
    private var last: (cell: Cell, place: Int32)?
    private var areDifferent = false
    private var isNumeric = true
    private var isEmpty = true

    mutating func append(_ cell: Cell) {
        if let last, last.cell == cell, !areDifferent {
            cells.append(last.place)
            return
        }
        if cell != .empty {
            isEmpty = false
            isNumeric = isNumeric && cell.isNumeric
        }
        let value = JSONText.cell(cell)
        if areDifferent {
            values.append(value)
            return
        }
        let place = places[value] ?? Int32(values.count)
        if Int(place) == values.count {
            places[value] = place
            values.append(value)
        }
        cells.append(place)
        last = (cell, place)
        if cells.count == Self.fewRows, !repeats {
            values = cells.map { values[Int($0)] }
            (cells, places, areDifferent) = ([], [:], true)
        }
    }

    private var repeats: Bool { values.count * 2 < cells.count }

    func json(name: String, kind: String) -> String {
        let rows = areDifferent || repeats ? values : cells.map { values[Int($0)] }
        return JSONText.object([
            "name": JSONText.text(name),
            "kind": JSONText.text(kind),
            "numeric": isNumeric && !isEmpty ? "true" : "false",
            "values": JSONText.list(rows),
            "places": repeats ? JSONText.list(cells.map { String($0) }) : "null",
        ])
    }
}
