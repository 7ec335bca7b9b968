/// The mean Euclidean distance to the 5 nearest training rows.
struct NearestNeighbours: AnomalyModel {
    private static let count = 5
    private let rows: [[Double]]

    init(fitting rows: [[Double]], seed: Int) {
        self.rows = rows
    }

    func score(_ row: [Double]) -> Double {
        let nearest = rows.map { distance($0, row) }.sorted().prefix(Self.count)
        return nearest.reduce(0, +) / Double(nearest.count)
    }
}
