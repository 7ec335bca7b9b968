import Furrow

/// The result of one model on one category.
struct Detection: Codable, Sendable {
    var model: ModelName
    var category: Int
    var seed: Int
    var auroc: Double
    var trainingRows: Int
    var testRows: Int
    /// Seconds.
    var fitDuration: Double
    var testDuration: Double
    var jobDuration: Double
    var taskID: Int?
    var device: String?
    var host: String

    /// Trains a model on one category and scores the rest.
    static func run(
        _ model: ModelName,
        category: Int,
        seed: Int,
        data: String?,
        taskID: Int?,
        device: String?,
        host: String
    ) throws -> Detection {
        let clock = ContinuousClock()
        let start = clock.now
        let split = try Digits.load(data).split(normal: category)
        guard split.training.count >= 2 else {
            throw InputError(
                "category \(category) must have at least 2 training rows, but has \(split.training.count)"
            )
        }
        let fitStart = clock.now
        let fitted = model.type.init(fitting: split.training, seed: seed)
        let testStart = clock.now
        let scores = split.test.map(fitted.score)
        let end = clock.now
        return Detection(
            model: model,
            category: category,
            seed: seed,
            auroc: areaUnderROC(scores: scores, isAnomalous: split.isAnomalous),
            trainingRows: split.training.count,
            testRows: split.test.count,
            fitDuration: (testStart - fitStart) / .seconds(1),
            testDuration: (end - testStart) / .seconds(1),
            jobDuration: (end - start) / .seconds(1),
            taskID: taskID,
            device: device,
            host: host
        )
    }
}
