/// The points of a configuration with grids.
///
/// A mapping whose only key is `grid`, with a list as its value, takes each element of the list in
/// turn, wherever it is:
///
///     model:
///       class_path:
///         grid: [gaussian, knn]
///
/// A configuration with several grids has a point for every combination of their elements; the
/// first grid in the file varies slowest. A key that only begins with `grid`, such as `grid_size`,
/// is an ordinary key. A grid repeated by an alias is a separate grid each time. The elements of a
/// grid may be lists and mappings, but must not contain another grid.
///
/// The collection stores no points: it makes each one on request and shares the parts that no grid
/// changes.
package struct Grid: Sendable, RandomAccessCollection {
    /// The name of the key that makes a grid.
    package static let key = "grid"

    /// One grid of a configuration.
    package struct Axis: Sendable, Hashable {
        /// The keys that lead to the grid; a list index is written `[2]`.
        package let path: [String]
        /// The grid's position.
        package let position: ConfigurationPosition
        /// The values it takes; never empty.
        package let values: [ConfigurationValue]
    }

    /// The grids in the order of the file.
    package let axes: [Axis]
    /// The number of points: 1 if there is no grid.
    package let count: Int
    let template: GridTemplate

    /// Finds the grids of a value.
    ///
    /// - Parameters:
    ///   - value: The value, for instance the root of a configuration.
    ///   - file: The name to use in messages.
    /// - Throws: A ``ConfigurationError`` with its position if a grid has other keys next to it, is
    ///   not a list, is empty or contains another grid, or if there are more points than an `Int`
    ///   can count.
    package init(_ value: ConfigurationValue, file: String) throws(ConfigurationError) {
        var builder = GridBuilder(file: file)
        template = try builder.template(of: value) ?? .fixed(value)
        axes = builder.axes
        var count = 1
        for axis in axes {
            let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
            if overflow {
                throw ConfigurationError(
                    file: file,
                    position: axis.position,
                    problem: "the grids have more combinations than can be counted",
                    remedy: "shorten or remove some of them"
                )
            }
            count = product
        }
        self.count = count
    }

    /// The first index, 0.
    package var startIndex: Int { 0 }
    /// The index after the last point, which is ``count``.
    package var endIndex: Int { count }

    /// The value with each grid replaced by one of its elements.
    ///
    /// - Parameter index: The number of the point, from 0; the last grid varies fastest.
    package subscript(index: Int) -> ConfigurationValue {
        template.value(choosing: choices(at: index), of: axes)
    }

    /// Which element of each grid a point takes.
    ///
    /// - Parameter index: The number of the point, from 0.
    /// - Returns: For each of ``axes`` the index of an element of its values.
    package func choices(at index: Int) -> [Int] {
        precondition(index >= 0 && index < count, "no such point")
        var choices = [Int](repeating: 0, count: axes.count)
        var rest = index
        for place in axes.indices.reversed() {
            (rest, choices[place]) = rest.quotientAndRemainder(
                dividingBy: axes[place].values.count
            )
        }
        return choices
    }

    /// A few points that together hold every element of every grid.
    ///
    /// The first point takes the first element of each grid; every other one differs from it in one
    /// grid only. So their number grows with the elements of the grids, not with the combinations.
    /// They serve to find mistakes in a configuration before it runs.
    package var axisSamples: AxisSamples { AxisSamples(grid: self) }

    /// Points that vary one grid at a time, see ``Grid/axisSamples``.
    package struct AxisSamples: Sendable, RandomAccessCollection {
        let grid: Grid
        /// The number of samples.
        package let count: Int

        init(grid: Grid) {
            self.grid = grid
            count = grid.axes.reduce(1) { $0 + $1.values.count - 1 }
        }

        /// The first index, 0.
        package var startIndex: Int { 0 }
        /// The index after the last sample, which is ``count``.
        package var endIndex: Int { count }

        /// A sample, made on request.
        ///
        /// - Parameter index: The number of the sample, from 0.
        package subscript(index: Int) -> ConfigurationValue {
            grid.template.value(choosing: choices(at: index), of: grid.axes)
        }

        /// Which element of each grid a sample takes.
        ///
        /// - Parameter index: The number of the sample, from 0.
        /// - Returns: For each of the grid's axes the index of an element of its values.
        package func choices(at index: Int) -> [Int] {
            precondition(index >= 0 && index < count, "no such sample")
            var choices = [Int](repeating: 0, count: grid.axes.count)
            var rest = index
            for (place, axis) in grid.axes.enumerated() {
                if rest < axis.values.count {
                    choices[place] = rest
                    break
                }
                rest -= axis.values.count - 1
            }
            return choices
        }
    }
}
