/// What a rank says to the process of its jobs, stage by stage. The rank may be a stage ahead: the
/// process has not heard of the end of one when the rank begins the next.
struct StageOrders {
    private var reader: RingReader
    /// Of a message that is passed over, or not whole yet.
    private var bytes: [UInt8] = []
    /// A beginning that was read in an earlier stage. What the rank said after it is still unread.
    private var early: (stage: Int, start: [UInt8])?

    init(_ reader: RingReader) { self.reader = reader }

    /// What the rank said when it began a stage, if it has by now. What it said of earlier ones is
    /// passed over.
    mutating func start(of stage: Int) -> [UInt8]? {
        // The first stage is 1.
        while early?.stage ?? 0 < stage {
            guard let (kind, number) = reader.next(into: &bytes) else { return nil }
            if kind == .begin { early = (number, bytes) }
        }
        guard let (number, start) = early, number == stage else { return nil }
        early = nil
        return start
    }

    /// The next that it says in a stage that has begun.
    ///
    /// - Parameter bytes: receives what belongs to it; the same array at each call, which keeps its
    ///   memory.
    mutating func next(into bytes: inout [UInt8]) -> JobMessage? { reader.next(into: &bytes)?.kind }
}
