/// All points that a stage's parameters stand for: every combination of its axes, without those
/// that are excluded, with what is included. Makes a point when it is asked for.
package struct ParameterSpace: Sendable, RandomAccessCollection {
    private let fixed: [Parameter]
    private let axes: [ParameterAxis]
    /// The order in the file, of fixed parameters and axes: a negative number is a fixed one.
    private let order: [Slot]
    private let includes: [[Parameter]]
    /// The combinations that are not excluded; `nil` where none is.
    private let kept: [Int]?
    private let combinations: Int
    /// The includes that extend no combination, and so are points of their own.
    private let own: [[Parameter]]

    enum Slot: Sendable {
        case fixed(Int)
        case axis(Int)
    }

    /// - Parameters:
    ///   - fixed: parameters with one value.
    ///   - axes: those with several; the first varies slowest.
    ///   - order: how both stand in the file.
    ///   - excludes: combinations with all of the values of one of these are left out.
    ///   - includes: extends the combinations whose own values it does not change; where there are
    ///     none, it is a point of its own, with the fixed parameters.
    /// - Returns: `nil` for more points than can be counted.
    init?(
        fixed: [Parameter] = [],
        axes: [ParameterAxis],
        order: [Slot]? = nil,
        excludes: [[Parameter]] = [],
        includes: [[Parameter]] = []
    ) {
        self.fixed = fixed
        self.axes = axes
        self.order = order ?? fixed.indices.map(Slot.fixed) + axes.indices.map(Slot.axis)
        self.includes = includes
        var total = fixed.isEmpty && axes.isEmpty && !includes.isEmpty ? 0 : 1
        for axis in axes {
            let (product, overflow) = total.multipliedReportingOverflow(by: axis.count)
            if overflow { return nil }
            total = product
        }
        combinations = total
        let base = Base(fixed: fixed, axes: axes, order: self.order)
        if excludes.isEmpty {
            kept = nil
        } else {
            kept = (0..<total).filter { index in
                let point = base.point(index)
                return !excludes.contains { exclude in
                    exclude.allSatisfy { point[$0.name]?.bytes == $0.value.bytes }
                }
            }
        }
        let places = kept
        own = includes.filter { include in
            guard !include.isEmpty else { return false }
            let indices = places.map { AnyRandomAccessCollection($0) }
            return !(indices ?? AnyRandomAccessCollection(0..<total)).contains {
                base.point($0).admits(include)
            }
        }
    }

    /// A point for each value of one parameter.
    package init(_ name: String, _ values: [ParameterValue]) {
        fixed = []
        axes = [ParameterAxis(name, values)]
        order = [.axis(0)]
        includes = []
        kept = nil
        combinations = values.count
        own = []
    }

    /// The first index, 0.
    package var startIndex: Int { 0 }
    /// The number of points.
    package var endIndex: Int { (kept?.count ?? combinations) + own.count }

    /// A point.
    package subscript(index: Int) -> Parameters {
        precondition(indices.contains(index), "no such point")
        let base = Base(fixed: fixed, axes: axes, order: order)
        let combined = kept?.count ?? combinations
        guard index < combined else {
            var point = Parameters(fixed)
            for parameter in own[index - combined] { point.set(parameter) }
            return point
        }
        let original = base.point(kept?[index] ?? index)
        guard !includes.isEmpty else { return original }
        var point = original
        for include in includes where original.admits(include) {
            for parameter in include { point.set(parameter) }
        }
        return point
    }

    /// The names that every combination has, in the order of the file.
    package var commonNames: [String] {
        order.flatMap { slot in
            switch slot {
            case .fixed(let place): [fixed[place].name]
            case .axis(let place): axes[place].commonNames
            }
        }
    }

    /// All names, also those that some combinations lack; those that only includes bring last.
    package var names: [String] {
        var names = order.flatMap { slot in
            switch slot {
            case .fixed(let place): [fixed[place].name]
            case .axis(let place): axes[place].names
            }
        }
        for parameter in includes.joined() where !names.contains(parameter.name) {
            names.append(parameter.name)
        }
        return names
    }

    /// Values that an axis has twice, in words.
    package var repetitions: [String] {
        axes.compactMap { axis in
            axis.repeated.map { row in
                row.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
            }
        }
    }

    private struct Base {
        let fixed: [Parameter]
        let axes: [ParameterAxis]
        let order: [Slot]

        func point(_ index: Int) -> Parameters {
            var rest = index
            var rows = [[Parameter]](repeating: [], count: axes.count)
            for place in axes.indices.reversed() {
                let (quotient, remainder) = rest.quotientAndRemainder(
                    dividingBy: axes[place].count
                )
                rows[place] = axes[place][remainder]
                rest = quotient
            }
            var all: [Parameter] = []
            for slot in order {
                switch slot {
                case .fixed(let place): all.append(fixed[place])
                case .axis(let place): all += rows[place]
                }
            }
            return Parameters(all)
        }
    }
}

extension Parameters {
    /// Whether an include changes none of these values.
    fileprivate func admits(_ include: [Parameter]) -> Bool {
        include.allSatisfy { parameter in
            self[parameter.name].map { $0.bytes == parameter.value.bytes } ?? true
        }
    }
}
