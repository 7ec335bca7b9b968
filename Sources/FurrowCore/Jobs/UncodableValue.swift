import FurrowSystem

/// Parameters or a result that cannot travel between ranks, or be recorded. They make one job fail.
struct UncodableValue: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// - Parameters:
    ///   - what: what cannot be coded, and how: `its result cannot be encoded`.
    ///   - error: the error of the type's own code.
    init(_ what: String, _ error: any Error) {
        description = "\(what): \(message(of: error))"
    }
}

/// A job whose parameters cannot be coded.
struct UncodableJob: Error {
    /// Its number in its stage.
    let number: Int
    let reason: UncodableValue

    init(number: Int, _ error: any Error) {
        self.number = number
        reason =
            error as? UncodableValue ?? UncodableValue("its parameters cannot be encoded", error)
    }
}

extension WireCoding {
    /// Encodes and decodes a value, as on its way to another rank. So a run on one rank meets the
    /// same errors as one on several.
    ///
    /// - Parameter name: what the value is, for the error: `its result`.
    /// - Throws: ``UncodableValue``.
    func check(_ value: Value, called name: String) throws(UncodableValue) {
        var bytes: [UInt8] = []
        do {
            try makeEncoder()(value, &bytes)
        } catch {
            throw UncodableValue("\(name) cannot be encoded", error)
        }
        do {
            _ = try bytes.withUnsafeBytes { try makeDecoder()($0) }
        } catch {
            throw UncodableValue("\(name) cannot be decoded on another rank", error)
        }
    }
}
