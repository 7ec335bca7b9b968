import Foundation
import FurrowSystem

/// The accelerators reported by a node's drivers, for when the environment names none.
package struct DeviceDriver: Sendable {
    /// The folder that contains `/dev` and `/sys`.
    var root = ""
    /// NVIDIA's management library. Opened at run time, so the build needs no part of CUDA.
    var library = "libnvidia-ml.so.1"

    /// The drivers of the node that this process runs on.
    package init() {}

    /// - Parameters:
    ///   - root: the folder that contains `/dev` and `/sys`.
    ///   - library: NVIDIA's management library.
    init(root: String, library: String) {
        self.root = root
        self.library = library
    }

    /// NVIDIA's devices, from NVML, else from `/dev/nvidia0` and so on; `nil` if there are none.
    func cuda() -> [String]? {
        let names = NVML.devices(library) ?? numbered(countOfFiles("/dev", named: "nvidia"))
        return names.isEmpty ? nil : names
    }

    /// AMD's devices: the nodes of the kernel driver's topology that are not processors.
    func rocm() -> [String] {
        guard FileManager.default.fileExists(atPath: root + "/dev/kfd") else { return [] }
        let nodes = root + "/sys/class/kfd/kfd/topology/nodes"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: nodes)) ?? []
        let count = names.count { name in
            let file = FileManager.default.contents(atPath: "\(nodes)/\(name)/gpu_id") ?? Data()
            let text = String(decoding: file, as: UTF8.self)
            return Int(text[...].trimmed).map { $0 != 0 } ?? false
        }
        return numbered(count)
    }

    private func numbered(_ count: Int) -> [String] { (0..<count).map { "\($0)" } }

    /// How many files have this name followed by a number.
    private func countOfFiles(_ folder: String, named prefix: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
        return names.count { $0.hasPrefix(prefix) && Int($0.dropFirst(prefix.count)) != nil }
    }
}
