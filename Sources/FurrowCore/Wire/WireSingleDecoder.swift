/// A single value. `Codable` needs an overload for each type.
struct WireSingleDecoder: SingleValueDecodingContainer {
    let decoder: WireValueDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }
    func decodeNil() -> Bool { decoder.isNothing }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }

    func decode(_ type: Bool.Type) throws -> Bool { try decoder.read { try $0.bool(at: &$1) } }
    func decode(_ type: String.Type) throws -> String {
        try decoder.read { try $0.string(at: &$1) }
    }
    func decode(_ type: Double.Type) throws -> Double {
        try decoder.read { try $0.double(at: &$1) }
    }
    func decode(_ type: Float.Type) throws -> Float { try decoder.read { try $0.float(at: &$1) } }
    func decode(_ type: Int.Type) throws -> Int { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.read { try $0.integer(at: &$1) } }
    func decode(_ type: UInt16.Type) throws -> UInt16 {
        try decoder.read { try $0.integer(at: &$1) }
    }
    func decode(_ type: UInt32.Type) throws -> UInt32 {
        try decoder.read { try $0.integer(at: &$1) }
    }
    func decode(_ type: UInt64.Type) throws -> UInt64 {
        try decoder.read { try $0.integer(at: &$1) }
    }
    func decode(_ type: Int128.Type) throws -> Int128 {
        try decoder.read { try $0.integer(at: &$1) }
    }
    func decode(_ type: UInt128.Type) throws -> UInt128 {
        try decoder.read { try $0.integer(at: &$1) }
    }
}
