/// Where a command's output stands in its worker's file.
struct OutputRange: Sendable, Hashable {
    /// In bytes.
    var offset: Int
    /// In bytes.
    var length: Int
    /// Of these bytes, see ``FurrowSystem/Checksum``; `nil` where there are none, and in the journals of
    /// version 0.1.
    var checksum: UInt64?
}
