import FurrowSystem

@testable import FurrowSweeps

/// What a ``ParameterSpace`` is made from, and its points as they are defined: every combination is
/// looked at.
struct ListedSpace {
    var fixed: [Parameter] = []
    var axes: [ParameterAxis] = []
    var excludes: [[Parameter]] = []
    var includes: [[Parameter]] = []

    func space() throws -> ParameterSpace {
        try ParameterSpace(fixed: fixed, axes: axes, excludes: excludes, includes: includes)
    }

    var points: [Parameters] {
        var combinations = fixed.isEmpty && axes.isEmpty && !includes.isEmpty ? [] : [fixed]
        for axis in axes {
            combinations = combinations.flatMap { head in
                (0..<axis.count).map { head + axis[$0] }
            }
        }
        let kept = combinations.map { Parameters($0) }.filter { point in
            !excludes.contains { $0.allSatisfy { point[$0.name]?.bytes == $0.value.bytes } }
        }
        func admits(_ point: Parameters, _ include: [Parameter]) -> Bool {
            include.allSatisfy { parameter in
                point[parameter.name].map { $0.bytes == parameter.value.bytes } ?? true
            }
        }
        let own = includes.filter { include in
            !include.isEmpty && !kept.contains { admits($0, include) }
        }
        return kept.map { point in Self.extend(point, includes.filter { admits(point, $0) }) }
            + own.map { Self.extend(Parameters(fixed), [$0]) }
    }

    private static func extend(_ point: Parameters, _ includes: [[Parameter]]) -> Parameters {
        var all = point.all
        for parameter in includes.joined() {
            if let place = all.firstIndex(where: { $0.name == parameter.name }) {
                all[place] = parameter
            } else {
                all.append(parameter)
            }
        }
        return Parameters(all)
    }

    /// Small, with whatever makes it difficult: values twice, rows with different parameters, empty
    /// axes, numbers that are not listed, excludes and includes of fixed and of unknown parameters.
    init(using random: inout SeededRandom) {
        func below(_ bound: Int) -> Int { Int(random.next(upperBound: UInt64(bound))) }
        func value(_ bound: Int) -> ParameterValue {
            ParameterValue(Array("\(below(bound))".utf8), below(2) == 0 ? .integer : .text)
        }
        for number in 0..<below(3) { fixed.append(Parameter("f\(number)", value(2))) }
        for number in 0..<below(5) {
            let name = "a\(number)"
            let count = below(12) == 0 ? 0 : 1 + below(4)
            switch below(6) {
            case 0:
                let (first, step) = (below(5) - 2, below(2) == 0 ? 1 : -2)
                axes.append(
                    ParameterAxis(
                        .integers(name: name, first: first, step: step, count: count, width: 0)
                    )
                )
            case 1:
                axes.append(
                    ParameterAxis(
                        .decimals(name: name, first: 0, step: 5, digits: 1, count: count)
                    )
                )
            case 2:
                axes.append(
                    ParameterAxis(
                        .rows(
                            (0..<count).map { _ in
                                ["p", "q", "r"].filter { _ in below(3) > 0 }
                                    .map { Parameter("\(name).\($0)", value(2)) }
                            }
                        )
                    )
                )
            default: axes.append(ParameterAxis(name, (0..<count).map { _ in value(3) }))
            }
        }
        let names = fixed.map(\.name) + axes.flatMap(\.names)
        func entries(_ others: [String]) -> [[Parameter]] {
            (0..<below(5)).map { _ in
                (names + others).filter { _ in below(4) == 0 }.map { name in
                    // Mostly a value that there is.
                    let values =
                        (fixed + axes.flatMap { axis in (0..<axis.count).flatMap { axis[$0] } })
                        .filter { $0.name == name }
                    return values.isEmpty || below(4) == 0
                        ? Parameter(name, value(3)) : values[below(values.count)]
                }
            }
        }
        if below(3) > 0 { excludes = entries(below(4) == 0 ? ["u"] : []) }
        if below(3) > 0 { includes = entries(["u", "v"]) }
    }

    init() {}
}
