import FurrowRuns

/// The jobs of a stage that run, where not all do: by number, by their parameters, or a shard.
package struct JobSelection: Sendable {
    /// Why a selection cannot be read.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Numbers in equal distances, from 0.
    private struct Progression: Sendable {
        var first: Int
        var step: Int
        var count: Int
    }

    /// Up to this many candidates are looked at to count those that an expression selects.
    private static let mostCounted = 200_000

    private let total: Int
    private let names: [String]
    private var progressions: [Progression]
    private var shard: Shard?
    private var holds: (@Sendable ([Cell]) -> Bool)?
    private var narrowing: Narrowing?

    /// The combinations that may satisfy the expression.
    private struct Narrowing: Sendable {
        let few: KeptCombinations
        let all: KeptCombinations
        /// Whether the few all satisfy it.
        let isExact: Bool
    }

    /// All jobs.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - names: the names of their parameters.
    init(count: Int, names: [String]) {
        total = count
        self.names = names
        progressions = [Progression(first: 0, step: 1, count: count)]
    }

    /// Whether it leaves out none.
    var isWhole: Bool {
        holds == nil && shard == nil && progressions.count == 1 && candidates == total
    }

    /// Whether a text is a list of numbers: `7`, `5..9`, `1,4,10..20`.
    package static func areNumbers(_ text: String) -> Bool {
        text.wholeMatch(of: /\s*[0-9]+(\s*\.\.\s*[0-9]+)?(\s*,\s*[0-9]+(\s*\.\.\s*[0-9]+)?)*\s*/)
            != nil
    }

    /// Checks what can be checked without a sweep.
    ///
    /// - Throws: ``Problem``, ``WhereError``.
    package static func check(_ text: String) throws {
        if areNumbers(text) { return }
        guard text.contains(where: { !" 0123456789.,-".contains($0) }) else {
            throw Problem(description: "'\(text)' must be \(form)")
        }
        _ = try WhereExpression(text)
    }

    /// How a selection is written.
    private static let form =
        "numbers of jobs, such as 7, 5..9 or 1,4,8..20, or an expression such as 'lr == 0.1'"

    /// Leaves out the jobs that a text does not name: numbers, from 1, or an expression on
    /// parameters and `job`.
    ///
    /// - Parameters:
    ///   - text: numbers or an expression.
    ///   - space: the jobs' parameters.
    mutating func restrict(to text: String, in space: ParameterSpace) throws {
        guard Self.areNumbers(text) else {
            do {
                try Self.check(text)
                let expression = try WhereExpression(text)
                holds = try expression.predicate(for: [Self.numberColumn(names)] + names)
                let others = UnselectedCombinations(of: expression, in: space)
                narrowing = space.kept(without: others.boxes).map {
                    Narrowing(few: $0, all: space.kept, isExact: others.isExact)
                }
            } catch {
                throw Problem(description: "\(error)")
            }
            return
        }
        var ranges: [Range<Int>] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: ".").map { $0.filter { !$0.isWhitespace } }
            guard let first = Int(ends[0]), let last = Int(ends[ends.count - 1]), first > 0,
                first <= last
            else {
                throw Problem(
                    description: "'\(part)' must be a job's number, from 1, or a range such as 5..9"
                )
            }
            guard last <= total else {
                throw Problem(description: "there is no job \(last): the sweep has \(total)")
            }
            ranges.append(first - 1..<last)
        }
        // Each once, and in order.
        progressions = RangeSet(ranges).ranges.map {
            Progression(first: $0.lowerBound, step: 1, count: $0.count)
        }
    }

    /// Leaves out the jobs of other shards: jobs are dealt to shards in turn, by number.
    mutating func restrict(to shard: Shard) {
        self.shard = shard
        // Dealt by the numbers of all jobs.
        narrowing = nil
        progressions = progressions.compactMap { range in
            let skipped = (shard.number - 1 - range.first % shard.count + shard.count) % shard.count
            guard skipped < range.count else { return nil }
            return Progression(
                first: range.first + skipped,
                step: shard.count,
                count: (range.count - skipped - 1) / shard.count + 1
            )
        }
    }

    /// What a job's number is called: as in a table of results, where a parameter has the name.
    private static func numberColumn(_ names: [String]) -> String {
        var name = "job"
        while names.contains(name) { name = "furrow_" + name }
        return name
    }

    // MARK: Jobs

    /// How many jobs its numbers name; an expression may leave out some of them.
    package var candidates: Int {
        if let narrowing { return narrowing.few.count + total - narrowing.all.count }
        return progressions.reduce(0) { $0 + $1.count }
    }

    /// The number of a candidate, from 0.
    package func candidate(_ place: Int) -> Int {
        if let narrowing {
            let (few, all) = (narrowing.few, narrowing.all)
            // Behind the combinations are the jobs that includes add.
            guard place < few.count else { return place - few.count + all.count }
            guard let number = all.index(of: few[place]) else {
                preconditionFailure("a combination that is left out")
            }
            return number
        }
        var rest = place
        for progression in progressions {
            if rest < progression.count { return progression.first + rest * progression.step }
            rest -= progression.count
        }
        preconditionFailure("no such candidate")
    }

    /// Whether a job is selected.
    ///
    /// - Parameters:
    ///   - number: its number, from 0.
    ///   - parameters: its parameters.
    package func contains(_ number: Int, _ parameters: @autoclosure () -> Parameters) -> Bool {
        let isNamed = progressions.contains { progression in
            let distance = number - progression.first
            return distance >= 0 && distance.isMultiple(of: progression.step)
                && distance / progression.step < progression.count
        }
        return isNamed && satisfies(number, parameters())
    }

    /// Whether a candidate satisfies the expression, if there is one.
    package func satisfies(_ number: Int, _ parameters: @autoclosure () -> Parameters) -> Bool {
        guard let holds else { return true }
        let parameters = parameters()
        return holds(
            [.integer(number + 1)] + names.map { parameters[$0].map { Cell($0) } ?? .empty }
        )
    }

    /// How many jobs are selected; `nil` if there are too many to look at.
    func count(in space: ParameterSpace) -> Int? {
        guard holds != nil else { return candidates }
        guard candidates <= Self.mostCounted else {
            guard let narrowing, narrowing.isExact, narrowing.all.count == total else { return nil }
            return narrowing.few.count
        }
        return (0..<candidates).count { place in
            let number = candidate(place)
            return satisfies(number, space[number])
        }
    }
}

extension Cell {
    /// A parameter's value.
    package init(_ value: ParameterValue) {
        self =
            switch value.kind {
            case .null: .empty
            case .text, .json: .text(value.text)
            case .boolean, .integer, .float: Cell(text: value.text)
            }
    }
}
