import Foundation
import TestSupport
import Testing

@testable import FurrowDevices

@Suite struct DeviceTests {
    /// A node without drivers.
    private let none = DeviceDriver(root: "/no/such/root", library: "libno-such-library.so")

    private func names(
        _ environment: [String: String],
        _ kind: DeviceKind = .auto,
        workers: Int = 3,
        each count: Int = 1
    ) -> [String?] {
        let devices = NodeDevices(kind, environment: environment, driver: none)
        return (0..<workers).map { devices?.assigned(to: $0, count: count).description }
    }

    @Test func workersShareDevicesRoundRobin() {
        let expected = ["CUDA_VISIBLE_DEVICES=2", "CUDA_VISIBLE_DEVICES=GPU-7f"]
        #expect(
            names(["CUDA_VISIBLE_DEVICES": " 2, GPU-7f ,"])
                == [expected[0], expected[1], expected[0]]
        )
        #expect(names(["ZE_AFFINITY_MASK": "5"]).last == "ZE_AFFINITY_MASK=5")
    }

    @Test func neighboursGoTogether() {
        let four = ["CUDA_VISIBLE_DEVICES": "MIG-a,MIG-b,MIG-c,MIG-d"]
        #expect(
            names(four, workers: 2, each: 2)
                == ["CUDA_VISIBLE_DEVICES=MIG-a,MIG-b", "CUDA_VISIBLE_DEVICES=MIG-c,MIG-d"]
        )
        #expect(
            names(["CUDA_VISIBLE_DEVICES": "0,1"], workers: 1, each: 3)[0]
                == "CUDA_VISIBLE_DEVICES=0,1"
        )
    }

    @Test func theFirstVariableDecides() {
        let environment = ["ROCR_VISIBLE_DEVICES": "1", "CUDA_VISIBLE_DEVICES": "0"]
        #expect(names(environment)[0] == "CUDA_VISIBLE_DEVICES=0")
        #expect(names(environment, .rocm)[0] == "ROCR_VISIBLE_DEVICES=1")
        #expect(names(environment, .levelZero)[0] == nil)
        #expect(names(environment, .none)[0] == nil)
        #expect(names(["HIP_VISIBLE_DEVICES": "1"], .rocm)[0] == "HIP_VISIBLE_DEVICES=1")
    }

    @Test(arguments: ["", " ", ",", "-1", "-1,0", "NoDevFiles", "none,0", "void", "all", "0x1"])
    func noDeviceIsNoDevice(value: String) {
        #expect(names([:]) == [nil, nil, nil])
        #expect(names(["CUDA_VISIBLE_DEVICES": value, "ZE_AFFINITY_MASK": "0"])[0] == nil)
    }

    /// Exactly one device, whichever variable a library asks first.
    @Test func threeVariablesNameOneCard() {
        func variables(_ environment: [String: String], worker: Int) -> [String: String] {
            let devices = NodeDevices(.rocm, environment: environment, driver: none)
            let own = devices?.assigned(to: worker, count: 1).variables(in: environment) ?? []
            return Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0.value) })
        }
        let all = [
            "ROCR_VISIBLE_DEVICES": "2,3", "HIP_VISIBLE_DEVICES": "0,1",
            "CUDA_VISIBLE_DEVICES": "0,1",
        ]
        for (worker, card) in ["2", "3", "2"].enumerated() {
            #expect(
                variables(all, worker: worker) == [
                    "ROCR_VISIBLE_DEVICES": card, "HIP_VISIBLE_DEVICES": "0",
                    "CUDA_VISIBLE_DEVICES": "0", "GPU_DEVICE_ORDINAL": "0",
                ]
            )
        }
        // Only the second of the two.
        let second = ["ROCR_VISIBLE_DEVICES": "2,3", "HIP_VISIBLE_DEVICES": "1"]
        #expect(variables(second, worker: 0)["ROCR_VISIBLE_DEVICES"] == "3")
        #expect(
            variables(["ROCR_VISIBLE_DEVICES": "2", "HIP_VISIBLE_DEVICES": "5"], worker: 0) == [:]
        )
        #expect(
            variables(["HIP_VISIBLE_DEVICES": "1", "CUDA_VISIBLE_DEVICES": "0,1"], worker: 0)
                == [
                    "HIP_VISIBLE_DEVICES": "1", "CUDA_VISIBLE_DEVICES": "1",
                    "GPU_DEVICE_ORDINAL": "1",
                ]
        )
    }

    /// SLURM sets all variables on every node unless it is told the vendor.
    @Test func othersFollowTheFirstVariable() {
        let environment = [
            "CUDA_VISIBLE_DEVICES": "0,1", "ROCR_VISIBLE_DEVICES": "0,1",
            "HIP_VISIBLE_DEVICES": "0,1", "GPU_DEVICE_ORDINAL": "0,1", "CUDA_DEVICE_ORDER": "x",
        ]
        let devices = NodeDevices(.auto, environment: environment, driver: none)
        let own = devices?.assigned(to: 1, count: 1).variables(in: environment) ?? []
        #expect(
            own.map { "\($0.name)=\($0.value)" } == [
                "CUDA_VISIBLE_DEVICES=1", "HIP_VISIBLE_DEVICES=1", "GPU_DEVICE_ORDINAL=1",
            ]
        )
    }

    @Test func anEmptyEntryEndsTheList() {
        let list = ["CUDA_VISIBLE_DEVICES": "0,,1"]
        #expect(
            names(list)
                == Array(repeating: "CUDA_VISIBLE_DEVICES=0", count: 3)
        )
    }

    /// CUDA counts the fastest first, unless it is told to count by bus as everybody else does.
    @Test func devicesAreCountedByBus() {
        let device = Device(variable: "CUDA_VISIBLE_DEVICES", name: "1,2")
        #expect(
            device.variables(in: [:]).map(\.name) == ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"]
        )
        #expect(device.variables(in: [:]).map(\.value) == ["1,2", "PCI_BUS_ID"])
        let user = ["CUDA_DEVICE_ORDER": "FASTEST_FIRST"]
        #expect(device.variables(in: user).map(\.name) == ["CUDA_VISIBLE_DEVICES"])
    }

    @Test func minusOneEndsTheList() {
        #expect(
            names(["CUDA_VISIBLE_DEVICES": "3,-1,4"], workers: 2)
                == ["CUDA_VISIBLE_DEVICES=3", "CUDA_VISIBLE_DEVICES=3"]
        )
    }

    // MARK: Drivers

    /// A folder with files, as the root of a node.
    private func root(_ files: [String: String]) throws -> URL {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow root \(UUID().uuidString)")
        for (path, content) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(content.utf8).write(to: file)
        }
        return root
    }

    @Test func deviceFilesAreCountedWithoutALibrary() throws {
        let root = try root([
            "dev/nvidia0": "", "dev/nvidia1": "", "dev/nvidiactl": "", "dev/nvidia-uvm": "",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        let driver = DeviceDriver(root: root.path, library: none.library)
        #expect(
            NodeDevices(.auto, environment: [:], driver: driver)
                == NodeDevices(
                    .cuda,
                    environment: ["CUDA_VISIBLE_DEVICES": "0,1"],
                    driver: none
                )
        )
        #expect(NodeDevices(.rocm, environment: [:], driver: driver) == nil)
        // What the environment says counts, also where it says none.
        let hidden = ["CUDA_VISIBLE_DEVICES": ""]
        #expect(NodeDevices(.auto, environment: hidden, driver: driver) == nil)
    }

    @Test func processorsAreNoDevicesOfAMD() throws {
        let nodes = "sys/class/kfd/kfd/topology/nodes"
        let root = try root([
            "dev/kfd": "", "\(nodes)/0/gpu_id": "0\n", "\(nodes)/1/gpu_id": "51140\n",
            "\(nodes)/2/gpu_id": "3020\n",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        let driver = DeviceDriver(root: root.path, library: none.library)
        let devices = NodeDevices(.auto, environment: [:], driver: driver)
        #expect(devices?.variable == "ROCR_VISIBLE_DEVICES")
        #expect(devices?.names == ["0", "1"])
        #expect(NodeDevices(.levelZero, environment: [:], driver: driver) == nil)
    }

    /// A library of NVML's functions, for three GPUs.
    ///
    /// - Parameter divided: the number of the one that is divided into two MIG instances.
    private func library(in root: URL, divided: Int, startsWith code: Int = 0) throws -> String {
        let source = root.appendingPathComponent("nvml.c")
        let library = root.appendingPathComponent("nvml-\(divided)-\(code).so").path
        let text = """
            #include <stdio.h>
            int nvmlInit_v2(void) { return \(code); }
            int nvmlShutdown(void) { return 0; }
            int nvmlDeviceGetCount_v2(unsigned *n) { *n = 3; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d) { *d = (void *)(i + 1L); return 0; }
            int nvmlDeviceGetMigMode(void *d, unsigned *now, unsigned *next) {
                *now = *next = d == (void *)\(divided + 1)L; return d == (void *)1L ? 3 : 0; }
            int nvmlDeviceGetMaxMigDeviceCount(void *d, unsigned *n) { *n = 7; return 0; }
            int nvmlDeviceGetMigDeviceHandleByIndex(void *d, unsigned i, void **m) {
                *m = (void *)(100L + i); return i < 2 ? 0 : 6; }
            int nvmlDeviceGetUUID(void *d, char *text, unsigned n) {
                long i = (long)d; snprintf(text, n, i < 100 ? "GPU-%ld" : "MIG-%ld", i); return 0; }
            """
        try Data(text.utf8).write(to: source)
        let command = ["cc", "-shared", "-fPIC", "-o", library, source.path]
        try #require(try Execution.run(command).status == 0)
        return library
    }

    @Test func theManagementLibraryIsAsked() throws {
        let root = try root(["dev/nvidia0": ""])
        defer { try? FileManager.default.removeItem(at: root) }
        func cuda(_ library: String) -> [String]? {
            DeviceDriver(root: root.path, library: library).cuda()
        }
        #expect(cuda(try library(in: root, divided: -1)) == ["0", "1", "2"])
        // An instance has no number, so all are named by their identifiers.
        #expect(
            cuda(try library(in: root, divided: 1)) == ["GPU-1", "MIG-100", "MIG-101", "GPU-3"]
        )
        // A library whose driver does not answer: the device files count.
        #expect(cuda(try library(in: root, divided: -1, startsWith: 9)) == ["0"])
        #expect(cuda("libm.so.6") == ["0"])
    }
}
