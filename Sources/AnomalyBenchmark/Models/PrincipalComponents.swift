/// The Euclidean norm of the part of a row that the first 16 principal components of the centred
/// training rows do not explain.
struct PrincipalComponents: AnomalyModel {
    private static let count = 16
    private let mean: [Double]
    private let components: [[Double]]

    init(fitting rows: [[Double]], seed: Int) {
        mean = Matrix.mean(of: rows)
        let eigen = Matrix.covariance(of: rows, mean: mean).eigen()
        components = Array(eigen.vectors.prefix(Self.count))
    }

    func score(_ row: [Double]) -> Double {
        var rest = difference(row, mean)
        for component in components {
            let share = dot(rest, component)
            for index in rest.indices { rest[index] -= share * component[index] }
        }
        return norm(rest)
    }
}
