import Glibc

/// NVIDIA's management library; eight of its functions are called (NVML API Reference, "Device
/// Queries" and "Multi Instance GPU Management").
enum NVML {
    private typealias Handle = OpaquePointer
    private typealias Simple = @convention(c) () -> Int32
    private typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias ByIndex =
        @convention(c) (UInt32, UnsafeMutablePointer<Handle?>) -> Int32
    private typealias Mode =
        @convention(c) (Handle?, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>) ->
        Int32
    private typealias CountOf =
        @convention(c) (Handle?, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias ByIndexOf =
        @convention(c) (Handle?, UInt32, UnsafeMutablePointer<Handle?>) -> Int32
    private typealias Identifier =
        @convention(c) (Handle?, UnsafeMutablePointer<CChar>, UInt32) -> Int32

    /// The devices as `CUDA_VISIBLE_DEVICES` names them: by number, or by UUID if some of them are
    /// divided into MIG instances, which have no number.
    ///
    /// - Returns: `nil` if the library is missing or does not answer.
    static func devices(_ library: String) -> [String]? {
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else { return nil }
        defer { dlclose(handle) }
        func function<Function>(_ name: String, as type: Function.Type) -> Function? {
            // A C function pointer of the type that the reference gives for this name.
            dlsym(handle, name).map { unsafeBitCast($0, to: type) }
        }
        guard let start = function("nvmlInit_v2", as: Simple.self),
            let end = function("nvmlShutdown", as: Simple.self),
            let countDevices = function("nvmlDeviceGetCount_v2", as: Count.self),
            start() == 0
        else { return nil }
        defer { _ = end() }
        var count: UInt32 = 0
        guard countDevices(&count) == 0 else { return nil }
        let numbers = (0..<count).map { "\($0)" }
        // Drivers from before 2020 have no MIG instances.
        guard let device = function("nvmlDeviceGetHandleByIndex_v2", as: ByIndex.self),
            let mode = function("nvmlDeviceGetMigMode", as: Mode.self),
            let countInstances = function("nvmlDeviceGetMaxMigDeviceCount", as: CountOf.self),
            let instance = function("nvmlDeviceGetMigDeviceHandleByIndex", as: ByIndexOf.self),
            let identify = function("nvmlDeviceGetUUID", as: Identifier.self)
        else { return numbers }
        func identifier(_ device: Handle?) -> String? {
            // NVML_DEVICE_UUID_V2_BUFFER_SIZE
            var text = [CChar](repeating: 0, count: 96)
            guard identify(device, &text, UInt32(text.count)) == 0 else { return nil }
            return String(
                decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
                as: UTF8.self
            )
        }
        var names: [String] = []
        var isDivided = false
        for number in 0..<count {
            var whole: Handle?
            guard device(number, &whole) == 0 else { return numbers }
            var (current, pending, most): (UInt32, UInt32, UInt32) = (0, 0, 0)
            guard mode(whole, &current, &pending) == 0, current == 1,
                countInstances(whole, &most) == 0
            else {
                names += identifier(whole).map { [$0] } ?? []
                continue
            }
            isDivided = true
            for place in 0..<most {
                var part: Handle?
                if instance(whole, place, &part) == 0, let name = identifier(part) {
                    names.append(name)
                }
            }
        }
        return isDivided ? names : numbers
    }
}
