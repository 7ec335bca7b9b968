import Foundation
import FurrowRuns
import FurrowSystem

/// A sequence of numbers that travels as its bytes in memory.
protocol BulkArray: Sendable {
    /// The code of the type of number.
    static var code: UInt8 { get }
    init(bulk bytes: UnsafeRawBufferPointer)
    func withBulk(_ body: (UnsafeRawBufferPointer) -> Void)
}

/// A number whose arrays travel in bulk. Every pattern of bits must be a value.
protocol BulkElement: BitwiseCopyable, Sendable {
    static var code: UInt8 { get }
    /// The number as JSON.
    var json: String { get }
}

extension BulkElement {
    var json: String { "\(self)" }
}

extension BulkElement where Self: BinaryFloatingPoint {
    var json: String { JSON(Double(self)).description }
}

extension UInt8: BulkElement { static var code: UInt8 { 0 } }
extension Int8: BulkElement { static var code: UInt8 { 1 } }
extension UInt16: BulkElement { static var code: UInt8 { 2 } }
extension Int16: BulkElement { static var code: UInt8 { 3 } }
extension UInt32: BulkElement { static var code: UInt8 { 4 } }
extension Int32: BulkElement { static var code: UInt8 { 5 } }
extension UInt64: BulkElement { static var code: UInt8 { 6 } }
extension Int64: BulkElement { static var code: UInt8 { 7 } }
extension UInt: BulkElement { static var code: UInt8 { 8 } }
extension Int: BulkElement { static var code: UInt8 { 9 } }
extension Float: BulkElement { static var code: UInt8 { 10 } }
extension Double: BulkElement { static var code: UInt8 { 11 } }

extension Array: BulkArray where Element: BulkElement {
    static var code: UInt8 { Element.code }

    init(bulk bytes: UnsafeRawBufferPointer) {
        let count = bytes.count / MemoryLayout<Element>.stride
        self.init(unsafeUninitializedCapacity: count) { memory, initialized in
            UnsafeMutableRawBufferPointer(memory).copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: bytes[..<(count * MemoryLayout<Element>.stride)]
                )
            )
            initialized = count
        }
    }

    func withBulk(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(body)
    }
}

extension Data: BulkArray {
    static var code: UInt8 { UInt8.code }

    init(bulk bytes: UnsafeRawBufferPointer) {
        self.init(bytes)
    }

    func withBulk(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(body)
    }
}

/// The types that travel in bulk. Asking a type whether it conforms costs much more than looking
/// it up here.
let bulkTypes: [ObjectIdentifier: any (BulkArray & Sendable).Type] = {
    let types: [any BulkArray.Type] = [
        Data.self, [UInt8].self, [Int8].self, [UInt16].self, [Int16].self, [UInt32].self,
        [Int32].self, [UInt64].self, [Int64].self, [UInt].self, [Int].self, [Float].self,
        [Double].self,
    ]
    return Dictionary(uniqueKeysWithValues: types.map { (ObjectIdentifier($0), $0) })
}()

/// The types of number of which arrays travel in bulk, by their codes.
enum BulkKind {
    private static let formats: [UInt8: @Sendable (UnsafeRawBufferPointer, Int) -> String] = [
        UInt8.code: json(UInt8.self), Int8.code: json(Int8.self), UInt16.code: json(UInt16.self),
        Int16.code: json(Int16.self), UInt32.code: json(UInt32.self), Int32.code: json(Int32.self),
        UInt64.code: json(UInt64.self), Int64.code: json(Int64.self), UInt.code: json(UInt.self),
        Int.code: json(Int.self), Float.code: json(Float.self), Double.code: json(Double.self),
    ]

    /// Numbers as a JSON list; their count in words if there are many.
    ///
    /// - Parameters:
    ///   - code: the type of number.
    ///   - bytes: the numbers.
    ///   - most: the longest list.
    static func json(_ code: UInt8, _ bytes: UnsafeRawBufferPointer, most: Int) -> String {
        formats[code]?(bytes, most) ?? JSONString.encode("\(bytes.count) bytes")
    }

    private static func json<Number: BulkElement>(
        _ type: Number.Type
    ) -> @Sendable (UnsafeRawBufferPointer, Int) -> String {
        { bytes, most in
            let numbers = [Number](bulk: bytes)
            guard numbers.count <= most else {
                return JSONString.encode("\(numbers.count) numbers")
            }
            return JSONString.list(numbers.map(\.json))
        }
    }
}
