import CLinux
import FurrowSystem

extension OpenFile {
    /// Makes a file in memory. Its number is none of those that a process of jobs gets.
    ///
    /// - Parameters:
    ///   - name: its name in `/proc`.
    ///   - meaning: what it is, for messages.
    static func inMemory(_ name: String, as meaning: String) throws(FileError) -> OpenFile {
        let number = clinux_memory_file(name)
        guard number >= 0 else { throw FileError(meaning) }
        return try OpenFile(number, as: meaning).duplicate(from: JobProcess.firstOwnDescriptor)
    }
}
