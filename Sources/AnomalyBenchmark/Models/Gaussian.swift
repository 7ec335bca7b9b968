/// The Mahalanobis distance to the mean of the training rows, with their unbiased covariance plus
/// 0.01 on its diagonal.
struct Gaussian: AnomalyModel {
    private let mean: [Double]
    /// L of the Cholesky decomposition L·Lᵀ of the covariance.
    private let factor: Matrix

    init(fitting rows: [[Double]], seed: Int) {
        mean = Matrix.mean(of: rows)
        var covariance = Matrix.covariance(of: rows, mean: mean)
        for index in 0..<covariance.size { covariance[index, index] += 0.01 }
        factor = covariance.cholesky()
    }

    func score(_ row: [Double]) -> Double {
        // |L⁻¹(x − mean)|, by substitution.
        var solution = [Double](repeating: 0, count: mean.count)
        for i in mean.indices {
            var value = row[i] - mean[i]
            for j in 0..<i { value -= factor[i, j] * solution[j] }
            solution[i] = value / factor[i, i]
        }
        return norm(solution)
    }
}
