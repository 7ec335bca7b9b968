import FurrowRuns
import FurrowSystem

/// How the jobs went for each value of a parameter, or for each range of its values.
struct ParameterGroups {
    /// Up to this many values are shown one by one.
    private static let mostValues = 40
    /// Numbers of more values are put into this many ranges.
    private static let ranges = 6
    /// The most jobs whose numbers are kept to find the ranges.
    private static let mostKept = 200_000

    private struct Group {
        var label: String
        /// `nil` for a range.
        var value: Cell?
        var jobs = 0
        var failed = 0
        var seconds = 0.0
    }

    private let name: String
    private var groups: [Group] = []
    private var places: [String: Int] = [:]
    private var hasMany = false
    private var numbers: [(value: Double, failed: Bool, seconds: Double)] = []
    private var areNumbers = true

    init(name: String) { self.name = name }

    mutating func add(_ cell: Cell, failed: Bool, seconds: Double) {
        if areNumbers, numbers.count < Self.mostKept {
            let value: Double? =
                switch cell {
                case .integer(let value): Double(value)
                case .number(let value, _): value.isFinite ? value : nil
                case .empty, .boolean, .text: nil
                }
            if let value { numbers.append((value, failed, seconds)) } else { areNumbers = false }
        } else if areNumbers {
            areNumbers = false
        }
        if !areNumbers { numbers = [] }
        guard !hasMany else { return }
        let text = cell.text
        let place = places[text] ?? groups.count
        if place == groups.count {
            guard place < Self.mostValues else {
                hasMany = true
                return
            }
            places[text] = place
            groups.append(Group(label: text, value: cell))
        }
        Self.count(failed, seconds, in: &groups[place])
    }

    private static func count(_ failed: Bool, _ seconds: Double, in group: inout Group) {
        group.jobs += 1
        if failed { group.failed += 1 }
        group.seconds += seconds
    }

    /// As JSON; `nil` for a parameter with one value, or with too many.
    var json: String? {
        let all = hasMany ? inRanges : sorted
        guard all.count > 1 else { return nil }
        return JSONText.object([
            "name": JSONText.text(name),
            "ranges": hasMany ? "true" : "false",
            "values": JSONText.list(all.map { JSONText.text($0.label) }),
            "jobs": JSONText.list(all.map(\.jobs)),
            "failed": JSONText.list(all.map(\.failed)),
            "seconds": JSONText.list(
                all.map { JSONText.number($0.seconds / Double(max(1, $0.jobs)), digits: 6) }
            ),
        ])
    }

    private var sorted: [Group] {
        groups.sorted { ($0.value ?? .empty).precedes($1.value ?? .empty, descending: false) }
    }

    /// Ranges with about as many jobs each.
    private var inRanges: [Group] {
        guard areNumbers, !numbers.isEmpty else { return [] }
        let sorted = numbers.sorted { $0.value < $1.value }
        let size = (sorted.count + Self.ranges - 1) / Self.ranges
        return stride(from: 0, to: sorted.count, by: size).map { start in
            let part = sorted[start..<min(start + size, sorted.count)]
            let (first, last) = (part[part.startIndex].value, part[part.endIndex - 1].value)
            var group = Group(label: "\(Self.short(first)) … \(Self.short(last))")
            for job in part { Self.count(job.failed, job.seconds, in: &group) }
            return group
        }
    }

    private static func short(_ value: Double) -> String {
        if value == 0 { return "0" }
        var digits = 3
        var size = value.magnitude
        while size < 1, digits < 9 {
            size *= 10
            digits += 1
        }
        return JSONText.number(value, digits: size >= 1000 ? 0 : digits)
    }
}
