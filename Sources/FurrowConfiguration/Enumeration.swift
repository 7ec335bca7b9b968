/// Whether a type is an enumeration, by the kind in its metadata: `Codable` alone does not say.
func isEnumeration(_ type: Any.Type) -> Bool {
    unsafeBitCast(type, to: UnsafePointer<Int>.self).pointee == 0x201
}

/// The cases of an enumeration whose cases have no values, by their number in its metadata; `nil` for
/// any other type.
func cases<T>(of type: T.Type) -> [T]? {
    guard isEnumeration(type), MemoryLayout<T>.size <= 2 else { return nil }
    let descriptor = unsafeBitCast(type, to: UnsafePointer<UnsafeRawPointer>.self)[1]
    let casesWithValues = descriptor.load(fromByteOffset: 20, as: UInt32.self) & 0xFF_FFFF
    guard casesWithValues == 0 else { return nil }
    let count = descriptor.load(fromByteOffset: 24, as: UInt32.self)
    // Such a value is the number of its case.
    return (0..<count).map { number in withUnsafeBytes(of: number) { $0.load(as: T.self) } }
}

/// The words that stand for the cases of an enumeration with raw values; `nil` for any other type.
func words(of type: any Decodable.Type) -> [ConfigurationScalar]? {
    guard let type = type as? any RawRepresentable.Type else { return nil }
    func words<T: RawRepresentable>(_ type: T.Type) -> [ConfigurationScalar]? {
        guard let cases = cases(of: type) else { return nil }
        let texts = cases.map { "\($0.rawValue)" }
        // Not so for enumerations of C, whose values are not the numbers of their cases.
        let areCases = cases.allSatisfy { word in
            T(rawValue: word.rawValue).map { "\($0.rawValue)" } == "\(word.rawValue)"
        }
        guard areCases, Set(texts).count == texts.count, !String(reflecting: type).hasPrefix("__C.")
        else { return nil }
        return cases.map { word in
            (word.rawValue as? String).map { ConfigurationScalar(quoted: $0) }
                ?? ConfigurationScalar(plain: "\(word.rawValue)")
        }
    }
    return words(type)
}
