/// Which accelerators workers are given.
public enum DeviceKind: String, Sendable, Codable, CaseIterable {
    /// The devices named by the first variable of any kind that is set; otherwise those reported by
    /// the NVIDIA or AMD driver.
    case auto
    /// NVIDIA's.
    case cuda
    /// AMD's.
    case rocm
    /// Intel's: those in `ZE_AFFINITY_MASK`; no driver is asked.
    case levelZero = "level-zero"
    /// None: the environment is left as it is.
    case none

    /// The environment variables that name devices of this kind, in order of precedence.
    package var variables: [String] {
        switch self {
        case .auto:
            DeviceKind.cuda.variables + DeviceKind.rocm.variables
                + DeviceKind.levelZero.variables
        case .cuda: ["CUDA_VISIBLE_DEVICES"]
        case .rocm: ["ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"]
        case .levelZero: ["ZE_AFFINITY_MASK"]
        case .none: []
        }
    }
}
