/// A symmetric matrix, and the linear algebra that the models need.
struct Matrix: Sendable {
    /// The number of its rows and columns.
    let size: Int
    private var values: [Double]

    /// All zero.
    init(size: Int) {
        self.size = size
        values = [Double](repeating: 0, count: size * size)
    }

    subscript(row: Int, column: Int) -> Double {
        get { values[row * size + column] }
        set { values[row * size + column] = newValue }
    }

    /// The mean row.
    static func mean(of rows: [[Double]]) -> [Double] {
        rows[0].indices.map { column in
            rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
        }
    }

    /// The unbiased covariance of the columns.
    static func covariance(of rows: [[Double]], mean: [Double]) -> Matrix {
        var result = Matrix(size: mean.count)
        for row in rows {
            let centred = difference(row, mean)
            for i in mean.indices {
                for j in 0...i { result[i, j] += centred[i] * centred[j] }
            }
        }
        for i in mean.indices {
            for j in 0...i {
                result[i, j] /= Double(rows.count - 1)
                result[j, i] = result[i, j]
            }
        }
        return result
    }

    /// The lower triangle L with L·Lᵀ = this matrix, which must be positive definite.
    func cholesky() -> Matrix {
        var factor = Matrix(size: size)
        for i in 0..<size {
            for j in 0...i {
                var sum = self[i, j]
                for k in 0..<j { sum -= factor[i, k] * factor[j, k] }
                factor[i, j] = i == j ? sum.squareRoot() : sum / factor[j, j]
            }
        }
        return factor
    }

    /// The eigenvalues, the largest first, and their vectors, by Jacobi's method: each rotation
    /// makes one off-diagonal element zero, until all are.
    func eigen() -> (values: [Double], vectors: [[Double]]) {
        var matrix = self
        var vectors = Matrix(size: size)
        for i in 0..<size { vectors[i, i] = 1 }
        let scale = values.reduce(0) { max($0, abs($1)) }
        for _ in 0..<100 {
            var largest = 0.0
            for p in 0..<size {
                for q in (p + 1)..<max(size, p + 1) {
                    largest = max(largest, abs(matrix[p, q]))
                    matrix.rotate(p, q, &vectors)
                }
            }
            if largest <= 1e-15 * scale { break }
        }
        let order = (0..<size).sorted { matrix[$0, $0] > matrix[$1, $1] }
        return (
            order.map { matrix[$0, $0] },
            order.map { column in (0..<size).map { vectors[$0, column] } }
        )
    }

    /// Makes the elements (p, q) and (q, p) zero.
    private mutating func rotate(_ p: Int, _ q: Int, _ vectors: inout Matrix) {
        guard self[p, q] != 0 else { return }
        let theta = (self[q, q] - self[p, p]) / (2 * self[p, q])
        let sign = theta < 0 ? -1.0 : 1.0
        let tangent = sign / (abs(theta) + (theta * theta + 1).squareRoot())
        let cosine = 1 / (tangent * tangent + 1).squareRoot()
        let sine = tangent * cosine
        for k in 0..<size {
            (self[k, p], self[k, q]) = turn(self[k, p], self[k, q], cosine, sine)
        }
        for k in 0..<size {
            (self[p, k], self[q, k]) = turn(self[p, k], self[q, k], cosine, sine)
        }
        for k in 0..<size {
            (vectors[k, p], vectors[k, q]) = turn(vectors[k, p], vectors[k, q], cosine, sine)
        }
    }
}

private func turn(
    _ a: Double,
    _ b: Double,
    _ cosine: Double,
    _ sine: Double
) -> (Double, Double) {
    (cosine * a - sine * b, sine * a + cosine * b)
}

// Loops over indices: without optimisation they are ten times as fast as zip, and the distance
// needs no array of its own.

/// a − b.
func difference(_ a: [Double], _ b: [Double]) -> [Double] { a.indices.map { a[$0] - b[$0] } }

/// The inner product.
func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
}

/// The Euclidean length.
func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

/// The Euclidean length of a − b.
func distance(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices {
        let difference = a[index] - b[index]
        sum += difference * difference
    }
    return sum.squareRoot()
}
