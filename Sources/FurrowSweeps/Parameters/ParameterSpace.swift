/// All points of a stage's parameters: every combination of its axes, minus the excluded ones, plus
/// the included ones. Makes a point on request; the time depends on the number of axes, excludes
/// and includes that extend it, not on the number of points.
package struct ParameterSpace: Sendable, RandomAccessCollection {
    enum Slot: Sendable {
        case fixed(Int)
        case axis(Int)
    }

    struct Include: Sendable {
        let parameters: [Parameter]
        /// The combinations that it extends without changing a value; `nil`: none.
        let box: CombinationBox?
    }

    let fixed: [Parameter]
    let axes: [ParameterAxis]
    /// The order in the file, of fixed parameters and axes.
    private let order: [Slot]
    /// The one that has a given parameter.
    let slots: [String: Slot]
    let includes: [Include]
    private let includeIndex: IncludeIndex
    private let excludes: [CombinationBox]
    let kept: KeptCombinations
    /// Includes that extend no combination, each as a point of its own.
    private let extraPoints: [Parameters]
    /// Their indices in ``extraPoints``, by canonical form.
    let extraIndices: [[UInt8]: [Int]]
    /// For each axis, the sets of names of its points; empty if no include can add one of them.
    let openShapes: [[Set<String>]]

    /// - Parameters:
    ///   - fixed: parameters with one value.
    ///   - axes: parameters with several values; the first axis varies slowest. Every parameter is
    ///     either fixed or on one axis, and appears once in a point.
    ///   - order: the order of both in the file.
    ///   - excludes: combinations with all the values of one of these are left out.
    ///   - includes: each one extends the combinations whose own values it does not change; if
    ///     there are none, it becomes a point of its own, with the fixed parameters.
    init(
        fixed: [Parameter] = [],
        axes: [ParameterAxis],
        order: [Slot]? = nil,
        excludes: [[Parameter]] = [],
        includes: [[Parameter]] = []
    ) throws(Problem) {
        self.fixed = fixed
        self.axes = axes
        self.order = order ?? fixed.indices.map(Slot.fixed) + axes.indices.map(Slot.axis)
        var counts = axes.map(\.count)
        if fixed.isEmpty, axes.isEmpty, !includes.isEmpty { counts = [0] }
        guard Self.canCount(counts, and: includes.count) else { throw .tooManyPoints }
        var boxes = BoxReader(fixed, axes, counts: counts)
        slots = boxes.slots
        self.excludes = excludes.compactMap { boxes.box(of: $0, admitsAbsence: false) }
        self.includes = includes.map {
            Include(parameters: $0, box: boxes.box(of: $0, admitsAbsence: true))
        }
        includeIndex = IncludeIndex(self.includes.map(\.box))
        kept = try Self.counted(counts, without: self.excludes)
        var extraPoints: [Parameters] = []
        for include in self.includes where !include.parameters.isEmpty {
            if let box = include.box, kept.contains(anyIn: box) { continue }
            var point = Parameters(fixed)
            for parameter in include.parameters { point.set(parameter) }
            extraPoints.append(point)
        }
        self.extraPoints = extraPoints
        extraIndices = Dictionary(grouping: extraPoints.indices) { extraPoints[$0].canonical }
        let names = Set(includes.joined().map(\.name))
        openShapes = axes.map { axis in
            let optional = Set(axis.names).subtracting(axis.commonNames)
            return optional.isDisjoint(with: names) ? [] : axis.shapes
        }
        guard Self.canSearch(openShapes) else { throw .tooManyOptions }
    }

    /// A point for each value of one parameter.
    package init(_ name: String, _ values: [ParameterValue]) {
        axes = [ParameterAxis(name, values)]
        kept = KeptCombinations(counts: [values.count])
        order = [.axis(0)]
        slots = [name: .axis(0)]
        (fixed, includes, excludes, extraPoints) = ([], [], [], [])
        (extraIndices, openShapes) = ([:], [[]])
        includeIndex = IncludeIndex()
    }

    private static func canCount(_ counts: [Int], and more: Int) -> Bool {
        if counts.contains(0) { return true }
        var total = 1
        for count in counts {
            let (product, overflow) = total.multipliedReportingOverflow(by: count)
            if overflow { return false }
            total = product
        }
        return total <= Int.max - more
    }

    private static func counted(
        _ counts: [Int],
        without boxes: [CombinationBox]
    ) throws(Problem) -> KeptCombinations {
        do {
            return try KeptCombinations(counts: counts, without: boxes)
        } catch {
            throw .tooManyOverlaps
        }
    }

    // MARK: Points

    /// The first index, 0.
    package var startIndex: Int { 0 }
    /// The number of points.
    package var endIndex: Int { kept.count + extraPoints.count }

    /// A point.
    package subscript(index: Int) -> Parameters {
        precondition(indices.contains(index), "no such point")
        return index < kept.count ? point(at: kept[index]) : extraPoints[index - kept.count]
    }

    /// A combination, with the additions of includes.
    ///
    /// - Parameter positions: one for each axis.
    func point(at positions: [Int]) -> Parameters {
        var all: [Parameter] = []
        for slot in order {
            switch slot {
            case .fixed(let place): all.append(fixed[place])
            case .axis(let place): all += axes[place][positions[place]]
            }
        }
        var point = Parameters(all)
        for place in includeIndex.candidates(at: positions) {
            let include = includes[place]
            guard include.box?.contains(positions) == true else { continue }
            for parameter in include.parameters { point.set(parameter) }
        }
        return point
    }

    /// The combinations without some more.
    ///
    /// - Returns: `nil` if these overlap in too many ways to be counted, or there are no axes.
    func kept(without boxes: [CombinationBox]) -> KeptCombinations? {
        guard !axes.isEmpty else { return nil }
        do {
            return try Self.counted(axes.map(\.count), without: excludes + boxes)
        } catch {
            return nil
        }
    }

    // MARK: Names

    /// The names that every combination has, in the order of the file.
    package var commonNames: [String] {
        order.flatMap { slot in
            switch slot {
            case .fixed(let place): [fixed[place].name]
            case .axis(let place): axes[place].commonNames
            }
        }
    }

    /// All names, including those that some combinations lack. Names that only includes add come
    /// last.
    package var names: [String] {
        var names = order.flatMap { slot in
            switch slot {
            case .fixed(let place): [fixed[place].name]
            case .axis(let place): axes[place].names
            }
        }
        var seen = Set(names)
        for parameter in includes.lazy.flatMap(\.parameters)
        where seen.insert(parameter.name).inserted {
            names.append(parameter.name)
        }
        return names
    }

    /// The index of the first point without a parameter; `nil` if all have it.
    func firstIndex(lacking name: String) throws(Problem) -> Int? {
        let lacking: CombinationBox?
        switch slots[name] {
        case .fixed: return nil
        case .axis(let place):
            let positions = axes[place].column(name).lacking
            lacking = CombinationBox([place: positions], counts: axes.map(\.count))
        case nil: lacking = CombinationBox([:], counts: [])
        }
        let bringing = includes.filter { $0.parameters.contains { $0.name == name } }
        if let lacking, kept.count > 0 {
            let having = lacking.conditions.compactMap { condition in
                let all = RangeSet(0..<axes[condition.axis].count)
                return CombinationBox(
                    [condition.axis: all.subtracting(condition.positions)],
                    counts: axes.map(\.count)
                )
            }
            let left = try Self.counted(
                axes.map(\.count),
                without: excludes + bringing.compactMap(\.box) + having
            )
            if left.count > 0 { return kept.index(of: left[0]) }
        }
        return extraPoints.firstIndex { $0[name] == nil }.map { kept.count + $0 }
    }

    /// The values that an axis has twice, as text.
    package var repetitions: [String] {
        axes.compactMap { axis in
            axis.repeated.map { row in
                row.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
            }
        }
    }
}

/// Finds the combinations that have given values.
private struct BoxReader {
    private struct ColumnKey: Hashable {
        let axis: Int
        let name: String
    }

    private let fixed: [Parameter]
    private let axes: [ParameterAxis]
    private let counts: [Int]
    let slots: [String: ParameterSpace.Slot]
    private var columns: [ColumnKey: ParameterAxis.Column] = [:]

    init(_ fixed: [Parameter], _ axes: [ParameterAxis], counts: [Int]) {
        self.fixed = fixed
        self.axes = axes
        self.counts = counts
        var slots: [String: ParameterSpace.Slot] = [:]
        for (place, parameter) in fixed.enumerated() { slots[parameter.name] = .fixed(place) }
        for (place, axis) in axes.enumerated() {
            for name in axis.names { slots[name] = .axis(place) }
        }
        self.slots = slots
    }

    /// - Parameters:
    ///   - parameters: the values.
    ///   - admitsAbsence: whether combinations without a parameter count too.
    /// - Returns: `nil` if no combination has them.
    mutating func box(of parameters: [Parameter], admitsAbsence: Bool) -> CombinationBox? {
        var conditions: [Int: RangeSet<Int>] = [:]
        for parameter in parameters {
            switch slots[parameter.name] {
            case nil:
                guard admitsAbsence else { return nil }
            case .fixed(let place):
                guard fixed[place].value.bytes == parameter.value.bytes else { return nil }
            case .axis(let axis):
                let key = ColumnKey(axis: axis, name: parameter.name)
                let column = columns[key] ?? axes[axis].column(parameter.name)
                columns[key] = column
                var positions = column.positions(of: parameter.value)
                if admitsAbsence { positions.formUnion(column.lacking) }
                conditions[axis] = conditions[axis].map { $0.intersection(positions) } ?? positions
            }
        }
        return CombinationBox(conditions, counts: counts)
    }
}
