/// Learns from normal rows what is normal, and says of another row how far it is from that.
protocol AnomalyModel {
    /// - Parameters:
    ///   - rows: normal rows, at least two, of the same length.
    ///   - seed: for models with chance in them.
    init(fitting rows: [[Double]], seed: Int)

    /// How anomalous a row is: the larger the more.
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
