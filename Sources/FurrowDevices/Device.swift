/// An accelerator on a worker's node, or several of them.
public struct Device: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The environment variable that names a node's devices to its runtime.
    public let variable: String
    /// The device as that variable names it: a number or a UUID; several are separated by commas.
    public let name: String

    /// For example `CUDA_VISIBLE_DEVICES=3`.
    public var description: String { "\(variable)=\(name)" }

    /// The environment variables that let a process see this device and no other, whichever of them
    /// its libraries ask.
    ///
    /// AMD's libraries apply `HIP_VISIBLE_DEVICES`, or else `CUDA_VISIBLE_DEVICES`, to what
    /// `ROCR_VISIBLE_DEVICES` leaves, and OpenCL's `GPU_DEVICE_ORDINAL`, which SLURM sets too. CUDA
    /// counts the fastest device first, NVML and SLURM count by bus.
    ///
    /// - Parameter environment: the process's environment without them.
    package func variables(
        in environment: [String: String]
    ) -> [(name: String, value: String)] {
        let own = [(name: variable, value: name)]
        switch variable {
        case "ROCR_VISIBLE_DEVICES":
            let count = name.split(separator: ",").count
            let rest = (0..<count).map { "\($0)" }.joined(separator: ",")
            return own
                + ["HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL"].map {
                    ($0, rest)
                }
        case "HIP_VISIBLE_DEVICES":
            return own + ["CUDA_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL"].map { ($0, name) }
        case "CUDA_VISIBLE_DEVICES":
            // On AMD's this one counts as well, unless another is set that comes first.
            let others = ["HIP_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL"].filter {
                environment[$0] != nil
            }
            let order = environment["CUDA_DEVICE_ORDER"] == nil
            return own + (order ? [("CUDA_DEVICE_ORDER", "PCI_BUS_ID")] : [])
                + others.map { ($0, name) }
        default:
            return own
        }
    }
}
