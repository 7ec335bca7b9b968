import FurrowSystem
@_spi(Reflection) import Swift
import Synchronization

/// An array whose elements may be bitwise-copyable, as an array of a struct of numbers is. Such a
/// one travels as its bytes in memory too; as fields with names it takes 14 times as long.
///
/// Whether they are is known only while the program runs: a type need not say it.
protocol PlainArray {
    /// The layout of the elements, if arrays of them can travel so.
    static var layout: PlainLayout? { get }
    init?(plain bytes: UnsafeRawBufferPointer)
    /// How many elements there are.
    var count: Int { get }
    func withPlain(_ body: (UnsafeRawBufferPointer) -> Void)
}

extension Array: PlainArray {
    static var layout: PlainLayout? {
        _isPOD(Element.self) && MemoryLayout<Element>.size > 0
            ? PlainLayout(of: Element.self, stride: MemoryLayout<Element>.stride) : nil
    }

    init?(plain bytes: UnsafeRawBufferPointer) {
        let stride = MemoryLayout<Element>.stride
        guard _isPOD(Element.self), bytes.count % stride == 0 else { return nil }
        self.init(unsafeUninitializedCapacity: bytes.count / stride) { memory, initialized in
            UnsafeMutableRawBufferPointer(memory).copyMemory(from: bytes)
            initialized = bytes.count / stride
        }
    }

    func withPlain(_ body: (UnsafeRawBufferPointer) -> Void) { withUnsafeBytes(body) }
}

/// What is to be known of elements that travel as their bytes.
struct PlainLayout: Sendable, Equatable {
    /// ``WireTag/bulk`` of elements whose type is not a number.
    static let code: UInt8 = 255
    /// Shorter arrays travel by their elements' fields, which people can read in a journal.
    static let least = 64
    /// In front of the elements: the signature and the stride.
    static let header = 16

    let stride: Int
    /// A hash of the type's name and of the places, names and types of its fields. A journal may have
    /// elements of an older version of the program, in which they were laid out otherwise.
    let signature: UInt64

    private static let known = Mutex<[ObjectIdentifier: PlainLayout]>([:])

    init(of type: Any.Type, stride: Int) {
        let key = ObjectIdentifier(type)
        if let known = Self.known.withLock({ $0[key] }) {
            self = known
            return
        }
        var checksum = Checksum()
        Array("\(type) \(stride) \(Self.fields(of: type))".utf8).withUnsafeBytes {
            checksum.add($0)
        }
        self.stride = stride
        signature = checksum.value
        Self.known.withLock { [self] in $0[key] = self }
    }

    private static func fields(of type: Any.Type) -> String {
        var text = ""
        _ = _forEachField(of: type) { name, offset, type, kind in
            let inner = kind == .struct || kind == .tuple ? "{\(fields(of: type))}" : ""
            text += "\(String(cString: name))@\(offset):\(type)\(inner)"
            return true
        }
        return text
    }
}
