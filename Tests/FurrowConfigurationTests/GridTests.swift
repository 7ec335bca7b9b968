import FurrowConfiguration
import Testing

@Suite struct GridTests {
    private func grid(_ yaml: String) throws(ConfigurationError) -> Grid {
        try Grid(parse(yaml), file: "t.yaml")
    }

    private func points(_ yaml: String) throws -> [String] {
        try grid(yaml).map(\.description)
    }

    @Test func expandsTheExample() throws {
        let grid = try grid(exampleText)
        #expect(grid.count == 40)
        #expect(
            grid.axes.map(\.path) == [
                ["benchmark", "model", "class_path"],
                ["benchmark", "data", "init_args", "category"],
            ]
        )
        #expect(grid.axes.map(\.position.line) == [5, 10])
        #expect(
            grid[0].description
                == "{benchmark: {seed: 42, model: {class_path: gaussian}, "
                + "data: {class_path: digits, init_args: {category: 0}}}}"
        )
        #expect(
            grid[39].description
                == "{benchmark: {seed: 42, model: {class_path: isolation_forest}, "
                + "data: {class_path: digits, init_args: {category: 9}}}}"
        )
        #expect(grid.choices(at: 13) == [1, 3])
        #expect(Set(grid.map(\.description)).count == 40)
    }

    @Test func theFirstGridVariesSlowest() throws {
        #expect(
            try points("a: {grid: [1, 2]}\nb: {grid: [x, y, z]}") == [
                "{a: 1, b: x}", "{a: 1, b: y}", "{a: 1, b: z}",
                "{a: 2, b: x}", "{a: 2, b: y}", "{a: 2, b: z}",
            ]
        )
    }

    @Test func aChosenValueKeepsItsOwnPosition() throws {
        let point = try grid("a:\n  grid: [1, 2]")[1]
        #expect(point["a"]?.position == ConfigurationPosition(line: 2, column: 13))
    }

    @Test func gridsStandAnywhere() throws {
        #expect(try points("a: [0, {grid: [1, 2]}, [{b: {grid: [3]}}]]").count == 2)
        #expect(try grid("a: [0, {grid: [1, 2]}]").axes[0].path == ["a", "[1]"])
        #expect(try points("grid: [{a: 1}, {a: 2}]") == ["{a: 1}", "{a: 2}"])
        #expect(
            try points("a: {grid: [[1, 2], {b: 3}, null]}") == [
                "{a: [1, 2]}", "{a: {b: 3}}", "{a: null}",
            ]
        )
    }

    @Test func otherKeysAreNoGrids() throws {
        for yaml in ["a: {grid_size: [1, 2]}", "a: {Grid: [1, 2]}", "a: grid", "a: [grid]"] {
            #expect(try points(yaml) == [parse(yaml).description])
            #expect(try grid(yaml).axes.isEmpty)
        }
    }

    @Test func anAliasedGridIsAGridOfItsOwn() throws {
        #expect(try grid("a: &g {grid: [1, 2]}\nb: *g").count == 4)
    }

    @Test(arguments: [
        (
            "m:\n  a: 1\n  grid: [1, 2]",
            "t.yaml:3:3: 'grid' has 'a' next to it in 'm'; 'grid' must be the only key of its mapping"
        ),
        (
            "a: 1\ngrid: [1, 2]",
            "t.yaml:2:1: 'grid' has 'a' next to it; 'grid' must be the only key of its mapping"
        ),
        (
            "a: {b: {grid: []}}",
            "t.yaml:1:15: the grid of 'a.b' has no values; "
                + "give it at least one value, or remove it"
        ),
        (
            "a: [{grid: abc}]",
            "t.yaml:1:12: the grid of 'a[0]' must be a list, but is 'abc'; "
                + "for example grid: [1, 2]"
        ),
        (
            "a: {grid: {b: 1}}",
            "t.yaml:1:11: the grid of 'a' must be a list, but is a mapping; "
                + "for example grid: [1, 2]"
        ),
        (
            "a: {grid: [1, [{b: {grid: [2]}}]]}",
            "t.yaml:1:21: the grid of 'a' contains another grid; list all the values in one grid"
        ),
        (
            "a: {grid: [1, {b: {grid: 1, c: 2}}]}",
            "t.yaml:1:20: the grid of 'a' contains another grid; list all the values in one grid"
        ),
    ])
    func explainsMistakes(yaml: String, expected: String) {
        #expect(message { _ = try grid(yaml) } == expected)
    }

    @Test func countsUpToTheLimitOfInt() throws {
        func axes(_ count: Int) -> String {
            (1...count).map { "a\($0): {grid: [0, 1]}" }.joined(separator: "\n")
        }
        let largest = try grid(axes(62))
        #expect(largest.count == 1 << 62)
        #expect(largest.choices(at: largest.count - 1) == [Int](repeating: 1, count: 62))
        #expect(largest.axisSamples.count == 63)
        #expect(
            message { _ = try grid(axes(63)) }
                == "t.yaml:63:7: the grids have more combinations than can be counted; "
                + "shorten or remove some of them"
        )
    }

    @Test func axisSamplesVaryOneGridAtATime() throws {
        let grid = try grid("a: {grid: [1, 2]}\nb: {grid: [x]}\nc: {grid: [p, q, r]}")
        #expect(
            grid.axisSamples.map(\.description) == [
                "{a: 1, b: x, c: p}", "{a: 2, b: x, c: p}", "{a: 1, b: x, c: q}",
                "{a: 1, b: x, c: r}",
            ]
        )
        #expect(grid.axisSamples.count == 4)
        #expect(try self.grid("a: 1").axisSamples.map(\.description) == ["{a: 1}"])
    }

    @Test func axisSamplesOfTheExampleVisitEveryValue() throws {
        let grid = try grid(exampleText)
        let samples = grid.axisSamples
        #expect(samples.count == 13)
        for place in grid.axes.indices {
            let seen = Set(samples.indices.map { samples.choices(at: $0)[place] })
            #expect(seen == Set(grid.axes[place].values.indices))
        }
    }

    @Test func isACollection() throws {
        let grid = try grid(exampleText)
        #expect(Array(grid[10..<12]).count == 2)
        #expect(grid.last == grid[39])
        #expect(grid.lazy.map(\.description).first { $0.contains("knn") } == grid[10].description)
    }
}
