import Testing

@testable import AnomalyBenchmark

/// What a run of the example prints.
@Suite struct SummaryTests {
    private func detection(_ category: Int) -> Detection {
        Detection(
            model: .pca,
            category: category,
            seed: 1,
            auroc: Double(category) / 10,
            trainingRows: 1,
            testRows: 1,
            fitDuration: 0,
            testDuration: 0,
            jobDuration: 0,
            host: "n1"
        )
    }

    /// The categories of a summary's rows, and its other lines.
    private func read(_ summary: String) -> (categories: [Int], headings: [String]) {
        let lines = summary.split(separator: "\n")
        return (
            lines.compactMap { $0.firstMatch(of: #/^pca +([0-9]+) /#).flatMap { Int($0.1) } },
            lines.filter { $0.hasPrefix("The ") }.map { String($0) }
        )
    }

    @Test func ofManyJobsTheBestAndTheWorstAreShown() {
        let shown = read(BenchmarkJob.summary(of: [3, 7, 0, 9, 1, 8, 2].map(detection)))
        #expect(shown.categories == [9, 8, 7, 2, 1, 0])
        #expect(shown.headings == ["The best 3 of 7:", "The worst 3:"])
    }

    @Test func ofFewJobsAllAreShown() {
        let shown = read(BenchmarkJob.summary(of: [3, 7, 0, 9, 1, 8].map(detection)))
        #expect(shown.categories == [9, 8, 7, 3, 1, 0])
        #expect(shown.headings.isEmpty)
    }
}
