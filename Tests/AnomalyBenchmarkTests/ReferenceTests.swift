import Testing

@testable import AnomalyBenchmark

@Suite struct ReferenceTests {
    /// By NumPy 2.4: `cov(T, rowvar=False) + 0.01 * eye(64)` and `linalg.solve` for the
    /// Mahalanobis distance, `sort(linalg.norm(…))[:, :5].mean(1)` for the neighbours,
    /// `linalg.svd(T - mean)` for the components; the AUROC by comparing all pairs of rows.
    static let references: [(ModelName, [Double])] = [
        (
            .gaussian,
            [
                0.9996825887, 0.9866236906, 0.9790992871, 0.9765397368, 0.9849111623,
                0.9991093770, 0.9811559067, 0.9649601703, 0.9371710237, 0.9598106920,
            ]
        ),
        (
            .knn,
            [
                0.9999571066, 0.9900419865, 0.9806207616, 0.9785156904, 0.9925488268,
                0.9974044701, 0.9989488675, 0.9969870210, 0.9723527858, 0.9765340480,
            ]
        ),
        (
            .pca,
            [
                0.9998970558, 0.9960049196, 0.9981568423, 0.9780049566, 0.9939729418,
                0.9918232325, 0.9990844975, 0.9944547452, 0.9485168559, 0.9833367691,
            ]
        ),
    ]

    static func detect(_ model: ModelName, _ category: Int, seed: Int = 42) throws -> Double {
        try Detection.run(
            model,
            category: category,
            seed: seed,
            data: nil,
            taskID: nil,
            device: nil,
            host: ""
        ).auroc
    }

    @Test(arguments: references.indices)
    func modelsAgreeWithNumPy(number: Int) throws {
        let (model, expected) = Self.references[number]
        for (category, auroc) in expected.enumerated() {
            #expect(abs(try Self.detect(model, category) - auroc) < 1e-6, "\(model) \(category)")
        }
    }

    @Test func isolationForestDependsOnItsSeedAlone() throws {
        let first = try Self.detect(.isolationForest, 0, seed: 1)
        #expect(try Self.detect(.isolationForest, 0, seed: 1) == first)
        #expect(try Self.detect(.isolationForest, 0, seed: 2) != first)
        #expect(first > 0.95)
    }
}
