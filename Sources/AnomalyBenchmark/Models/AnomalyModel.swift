/// Learns from normal rows, and scores how far another row is from them.
protocol AnomalyModel {
    /// - Parameters:
    ///   - rows: normal rows, at least two, of the same length.
    ///   - seed: for models that use random numbers.
    init(fitting rows: [[Double]], seed: Int)

    /// How anomalous a row is; larger is more anomalous.
    func score(_ row: [Double]) -> Double
}

/// The models, as a configuration names them.
enum ModelName: String, Codable, CaseIterable, Sendable {
    case gaussian
    case knn
    case pca
    case isolationForest = "isolation_forest"

    /// The model's type.
    var type: any AnomalyModel.Type {
        switch self {
        case .gaussian: Gaussian.self
        case .knn: NearestNeighbours.self
        case .pca: PrincipalComponents.self
        case .isolationForest: IsolationForest.self
        }
    }
}
