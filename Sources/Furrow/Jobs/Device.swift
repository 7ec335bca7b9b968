/// An accelerator on a worker's node.
public struct Device: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The environment variable that names a node's devices to its runtime.
    public let variable: String
    /// The device as that variable names it: a number, or a UUID; several with commas between.
    public let name: String

    /// For example `CUDA_VISIBLE_DEVICES=3`.
    public var description: String { "\(variable)=\(name)" }

    /// The variables of the accelerator runtimes, in the order in which they are looked at.
    static let variables = [
        "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK",
    ]

    /// The device for one worker of a node. More workers than devices share them round robin.
    ///
    /// - Parameters:
    ///   - localIndex: the worker's index among the workers of its node, from 0. A number that
    ///     counts over several nodes is no index into one node's devices.
    ///   - count: how many devices a worker gets, neighbours where there are enough.
    ///   - environment: the environment of a process on that node.
    /// - Returns: `nil` when the environment names no device.
    static func assigned(
        localIndex: Int,
        count: Int = 1,
        environment: [String: String]
    ) -> Device? {
        for variable in variables {
            guard let value = environment[variable] else { continue }
            let names = value.split(separator: ",").map { String($0.trimmed) }.filter {
                !$0.isEmpty
            }
            // To the runtimes -1 ends the list; alone it hides every device.
            let visible = names.prefix { $0 != "-1" }
            guard !visible.isEmpty else { return nil }
            let taken = min(count, visible.count)
            let own = (0..<taken).map { visible[(localIndex * taken + $0) % visible.count] }
            return Device(variable: variable, name: own.joined(separator: ","))
        }
        return nil
    }
}

extension Substring {
    /// Without the spaces at both ends.
    var trimmed: Substring {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
