import Glibc
import SystemPackage

/// Calls that swift-system does not have.
extension OpenFile {
    /// Puts it on disk.
    package func sync() throws(FileError) { try call { fsync(number) } }

    /// Puts its content on disk, and of what is known of it only what is needed to read that.
    package func syncContent() throws(FileError) { try call { fdatasync(number) } }

    /// Takes or gives back its lock.
    ///
    /// - Parameter operation: of flock(2).
    package func lock(_ operation: Int32) throws(FileError) {
        try call { flock(number, operation) }
    }

    /// Takes its lock alone.
    ///
    /// - Returns: false where another process holds it.
    package func tryLock() throws(FileError) -> Bool {
        do {
            try lock(LOCK_EX | LOCK_NB)
        } catch let error where error.code == EWOULDBLOCK {
            return false
        }
        return true
    }

    /// Sets space on disk aside.
    package func reserve(_ size: Int) throws(FileError) {
        let code = posix_fallocate(number, 0, size)
        guard code == 0 else { throw FileError(path, code: code) }
    }

    /// Its beginning as memory, which outlives it.
    package func map(_ size: Int) throws(FileError) -> UnsafeMutableRawPointer {
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let memory, memory != MAP_FAILED else { throw FileError(path) }
        return memory
    }

    /// The same file under another number, at least the one given.
    package func duplicate(from first: Int32) throws(FileError) -> OpenFile {
        let number = fcntl(number, F_DUPFD_CLOEXEC, first)
        guard number >= 0 else { throw FileError(path) }
        return OpenFile(number, as: path)
    }

    /// Calls the system; where a signal interrupts that, again.
    private func call(_ function: () -> Int32) throws(FileError) {
        try FileError.naming(path) {
            guard function() == 0 else { throw Errno(rawValue: errno) }
        }
    }
}
