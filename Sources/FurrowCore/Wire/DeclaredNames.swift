import FurrowRuns

/// The names of a value's fields in the order of their declaration, nested ones with dots: JSON for
/// people has them sorted.
func declaredNames(of value: some Encodable) throws -> [String] {
    var bytes: [UInt8] = []
    try WireEncoder().encode(value, into: &bytes)
    return try JSON(parsing: WireSummary.json(of: bytes).utf8).flattened().map(\.name)
}
