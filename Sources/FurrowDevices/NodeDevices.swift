import FurrowSystem

/// The accelerators that this process may use on its node.
package struct NodeDevices: Sendable, Equatable {
    /// The environment variable that tells a process its device.
    package let variable: String
    /// Their names in that variable.
    package let names: [String]

    /// The devices allowed by the environment, else those reported by the driver.
    ///
    /// A variable that is set decides, even if it is empty or -1: then there are none. The first entry
    /// that names no device ends the list, as it does for the runtimes (CUDA C++ Programming Guide,
    /// "CUDA Environment Variables"): `NoDevFiles`, which SLURM and Torque write, is none.
    ///
    /// - Parameters:
    ///   - kind: which devices count.
    ///   - environment: the environment of a process on that node.
    ///   - driver: asked if no variable is set.
    /// - Returns: `nil` if there are none.
    package init?(_ kind: DeviceKind, environment: [String: String], driver: DeviceDriver) {
        for variable in kind.variables {
            guard let value = environment[variable] else { continue }
            var names = Self.names(in: value, of: variable)
            if variable == "ROCR_VISIBLE_DEVICES" {
                // The others count what this one leaves.
                for other in ["HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"] {
                    guard let value = environment[other] else { continue }
                    let places = Self.names(in: value, of: other).map { Int($0) ?? -1 }
                    names = places.prefix { names.indices.contains($0) }.map { names[$0] }
                    break
                }
            }
            self.init(variable, names)
            return
        }
        if kind == .auto || kind == .cuda, let names = driver.cuda() {
            self.init("CUDA_VISIBLE_DEVICES", names)
        } else if kind == .auto || kind == .rocm {
            self.init("ROCR_VISIBLE_DEVICES", driver.rocm())
        } else {
            return nil
        }
    }

    /// The devices that a variable names, up to the first that is none.
    private static func names(in value: String, of variable: String) -> [String] {
        let names = value.split(separator: ",", omittingEmptySubsequences: false).map {
            String($0.trimmed)
        }
        return Array(
            names.prefix { name in
                let isNumber = !name.isEmpty && name.utf8.allSatisfy { 0x30...0x39 ~= $0 }
                return switch variable {
                // A part of a device is 0.1.
                case "ZE_AFFINITY_MASK":
                    !name.isEmpty && name.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == 0x2E }
                case "HIP_VISIBLE_DEVICES": isNumber
                default: isNumber || name.hasPrefix("GPU-") || name.hasPrefix("MIG-")
                }
            }
        )
    }

    private init?(_ variable: String, _ names: [String]) {
        guard !names.isEmpty else { return nil }
        self.variable = variable
        self.names = names
    }

    /// The devices of one worker. More workers than devices share them round robin.
    ///
    /// - Parameters:
    ///   - index: the worker's index among the workers of its node, from 0. An index counted over
    ///     several nodes would be wrong.
    ///   - count: how many devices a worker gets, neighbouring ones if there are enough.
    package func assigned(to index: Int, count: Int) -> Device {
        let taken = min(count, names.count)
        let own = (0..<taken).map { names[(index * taken + $0) % names.count] }
        return Device(variable: variable, name: own.joined(separator: ","))
    }
}
