import Foundation
import Furrow

/// Trains one model on one category and scores it.
struct BenchmarkJob: Job {
    static let name = "benchmark"

    struct Model: Codable {
        var classPath: ModelName

        enum CodingKeys: String, CodingKey { case classPath = "class_path" }
    }

    struct DataSet: Codable {
        enum Name: String, Codable, CaseIterable { case digits }

        struct Arguments: Codable {
            var category: Int
            var path: String?

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                category = try values.decode(Int.self, forKey: .category)
                path = try values.decodeIfPresent(String.self, forKey: .path)
                guard 0...9 ~= category else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .category,
                        in: values,
                        debugDescription: "category must be a digit from 0 to 9, not \(category)"
                    )
                }
            }
        }

        var classPath: Name
        var arguments: Arguments

        enum CodingKeys: String, CodingKey {
            case classPath = "class_path"
            case arguments = "init_args"
        }
    }

    var seed: Int
    var model: Model
    var data: DataSet

    func run(_ context: JobContext) throws -> Detection {
        try Detection.run(
            model.classPath,
            category: data.arguments.category,
            seed: seed,
            data: data.arguments.path,
            taskID: context.taskID,
            device: context.device?.description,
            host: ProcessInfo.processInfo.hostName
        )
    }

    static func save(_ detections: [Detection], in directory: RunDirectory) throws {
        let path = try directory.path(of: "results.csv")
        try Data(table(detections, digits: nil).csv.utf8).write(to: URL(fileURLWithPath: path))
        print(summary(of: detections))
        print("Results: \(path)")
    }

    /// The best and the worst, best first; all of them if there are few.
    static func summary(of detections: [Detection], most: Int = 3) -> String {
        let sorted = detections.sorted { $0.auroc > $1.auroc }
        guard sorted.count > 2 * most else { return table(sorted, digits: 6).text }
        return "The best \(most) of \(sorted.count):\n"
            + table(Array(sorted.prefix(most)), digits: 6).text + "The worst \(most):\n"
            + table(Array(sorted.suffix(most)), digits: 6).text
    }

    private static func table(_ detections: [Detection], digits: Int?) -> TextTable {
        var table = TextTable(columns: [
            "model", "category", "seed", "auroc", "training_rows", "test_rows", "fit_duration",
            "test_duration", "job_duration", "task_id", "device", "host",
        ])
        func number(_ value: Double) -> String {
            digits.map { String(format: "%.\($0)f", value) } ?? "\(value)"
        }
        for detection in detections {
            table.append([
                detection.model.rawValue, "\(detection.category)", "\(detection.seed)",
                number(detection.auroc), "\(detection.trainingRows)", "\(detection.testRows)",
                number(detection.fitDuration), number(detection.testDuration),
                number(detection.jobDuration), detection.taskID.map { "\($0)" } ?? "",
                detection.device ?? "", detection.host,
            ])
        }
        return table
    }
}
