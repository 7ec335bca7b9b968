import ArgumentParser
import Furrow

@main struct Program: PipelineCommand {
    static let sharedKeys = ["data", "tiling", "smoothing", "accelerator"]

    struct Data: Codable { var normal: Int }

    @OptionGroup var options: PipelineOptions

    func pipeline(
        _ configuration: Configuration,
        _ runOptions: RunOptions
    ) throws -> Pipeline<Configuration, [Double]> {
        let normal = try configuration.decode(Data.self, at: "data")?.normal ?? 0
        let tiling =
            try configuration.decode(Tiling.self, at: "tiling") ?? Tiling(size: 4, stride: 2)
        let isParallel = try configuration.decode(String.self, at: "accelerator") != "none"
        func stage<Work: Job, Previous: Sendable>(
            _ jobs: @escaping @Sendable (Configuration, Previous) -> [Work]
        ) -> AnyRunner<Configuration, Previous, Work.Collected> {
            isParallel
                ? AnyRunner(ParallelRunner(Jobs(jobs), options: runOptions))
                : AnyRunner(SerialRunner(Jobs(jobs), options: runOptions))
        }
        func alone<Work: Job, Previous: Sendable>(
            _ job: @escaping @Sendable (Previous) -> Work
        ) -> SerialRunner<Jobs<Work, Configuration, Previous>> {
            SerialRunner(Jobs { [job($1)] }, options: runOptions)
        }
        let train = stage { (_, _: Void) in
            tiling.tiles.map { Train(tile: $0, tiling: tiling, normal: normal) }
        }
        let predict = stage { (_, models: [Tile: Train.Model]) in
            tiling.tiles.compactMap { models[$0] }.map {
                Predict(model: $0, tiling: tiling, normal: normal)
            }
        }
        var maps = Pipeline(train).then(predict)
            .then(alone { Merge(predictions: $0, tiling: tiling) })
        if try configuration.decode(Bool.self, at: "smoothing.apply") ?? true {
            maps = maps.then(alone { Smooth(maps: $0, tiling: tiling) })
        }
        return maps.keeping(alone { Measure(maps: $0) })
            .then(alone { Normalise(maps: $0.0, bounds: $0.1) })
            .then(stage { (_, maps: Maps) in maps.images.map { Score(values: $0) } })
            .map { Self.report($0, normal) }
    }

    /// Shows how well the scores tell anomalies from normal images: how often an anomaly has the
    /// higher one of a pair.
    private static func report(_ scores: [Double], _ normal: Int) -> [Double] {
        guard let areAnomalies = try? Digits().test(normal: normal).areAnomalies else { return [] }
        let pairs = zip(scores, areAnomalies)
        let normals = pairs.filter { !$0.1 }.map(\.0)
        let wins = pairs.filter(\.1).map { score in
            normals.reduce(0.0) { $0 + (score.0 > $1 ? 1 : score.0 == $1 ? 0.5 : 0) }
        }
        let auroc = wins.reduce(0, +) / Double(normals.count * wins.count)
        print(
            "\(scores.count) images, mean score \(scores.reduce(0, +) / Double(scores.count)), AUROC \(auroc)"
        )
        return scores
    }
}

extension Maps {
    /// The map of each image.
    var images: [[Double]] {
        let area = Digits.side * Digits.side
        return (0..<count).map { Array(values[$0 * area..<($0 + 1) * area]) }
    }
}
