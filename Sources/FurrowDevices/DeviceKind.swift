/// Which accelerators workers are given.
public enum DeviceKind: String, Sendable, Codable, CaseIterable {
    /// Those that the first of all ``variables`` that is set names; where none is set, NVIDIA's or
    /// AMD's, as the drivers report.
    case auto
    /// NVIDIA's.
    case cuda
    /// AMD's.
    case rocm
    /// Intel's: those in `ZE_AFFINITY_MASK`, no driver is asked.
    case levelZero = "level-zero"
    /// None: the environment is left as it is.
    case none

    /// The environment variables that name devices of this kind, in the order in which they are
    /// looked at.
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
