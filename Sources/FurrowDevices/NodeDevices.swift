import FurrowSystem

/// The accelerators that this process may use on its node.
package struct NodeDevices: Sendable, Equatable {
    /// The environment variable that tells a process its device.
    package let variable: String
    /// Their names in that variable.
    package let names: [String]

    /// The devices allowed by the environment, else those reported by the driver.
    ///
    /// A variable that is set decides, even if it is empty or -1: then there are none.
    ///
    /// - Parameters:
    ///   - kind: which devices count.
    ///   - environment: the environment of a process on that node.
    ///   - driver: asked if no variable is set.
    /// - Returns: `nil` if there are none.
    package init?(_ kind: DeviceKind, environment: [String: String], driver: DeviceDriver) {
        for variable in kind.variables {
            guard let value = environment[variable] else { continue }
            let names = value.split(separator: ",").map { String($0.trimmed) }
                .filter { !$0.isEmpty }
            // For the runtimes -1 ends the list.
            self.init(variable, Array(names.prefix { $0 != "-1" }))
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
