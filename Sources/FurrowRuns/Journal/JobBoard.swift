/// The job that a process runs, in memory that its rank sees, also after the process has ended.
///
/// Safe to share: the one job that runs at a time writes it, a word at a time, and the rank reads it
/// when the process has ended.
package struct JobBoard: @unchecked Sendable {
    private enum Field {
        static let isRunning = 0
        static let attempt = 8
        static let number = 16
        static let start = 24
    }

    /// How many bytes it takes.
    package static let size = 32

    private let memory: UnsafeMutableRawPointer

    /// - Parameter memory: ``size`` bytes, zero at first; they must stay.
    package init(at memory: UnsafeMutableRawPointer) { self.memory = memory }

    func begin(_ number: Int) {
        memory.storeBytes(of: number, toByteOffset: Field.number, as: Int.self)
        memory.storeBytes(of: 1, toByteOffset: Field.attempt, as: Int.self)
        memory.storeBytes(of: 0, toByteOffset: Field.start, as: Double.self)
        memory.storeBytes(of: 1, toByteOffset: Field.isRunning, as: Int.self)
    }

    func note(attempt: Int) {
        memory.storeBytes(of: attempt, toByteOffset: Field.attempt, as: Int.self)
    }

    func note(start: Double) {
        memory.storeBytes(of: start, toByteOffset: Field.start, as: Double.self)
    }

    func end() { memory.storeBytes(of: 0, toByteOffset: Field.isRunning, as: Int.self) }

    /// A job that runs, or during which its process has ended.
    package struct Running: Sendable, Hashable {
        /// Its number in its stage, from 0.
        package var number: Int
        /// The number of the attempt, from 1.
        package var attempt: Int
        /// When the attempt began, in seconds since 1970; 0 if that is not known.
        package var start: Double
    }

    /// The job that runs; `nil` for none.
    package var running: Running? {
        guard memory.load(fromByteOffset: Field.isRunning, as: Int.self) == 1 else { return nil }
        return Running(
            number: memory.load(fromByteOffset: Field.number, as: Int.self),
            attempt: memory.load(fromByteOffset: Field.attempt, as: Int.self),
            start: memory.load(fromByteOffset: Field.start, as: Double.self)
        )
    }
}
