/// An accelerator on a worker's node, or several of them.
public struct Device: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The environment variable that names a node's devices to its runtime.
    public let variable: String
    /// The device as that variable names it: a number or a UUID; several are separated by commas.
    public let name: String

    /// For example `CUDA_VISIBLE_DEVICES=3`.
    public var description: String { "\(variable)=\(name)" }
}
