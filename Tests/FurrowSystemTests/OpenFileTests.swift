import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FurrowSystem

@Suite struct OpenFileTests {
    @Test func anErrorNamesTheFile() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/none"
        #expect(throws: FileError(path, code: ENOENT)) { try OpenFile(path) }
        try scratch.write("text", to: "file")
        let file = try OpenFile(scratch.path + "/file")
        #expect(throws: FileError(scratch.path + "/file", code: EBADF)) { try file.write([1]) }
        #expect(throws: FileError("/dev/full", code: ENOSPC)) {
            try OpenFile("/dev/full", .writeOnly).write([1])
        }
    }

    @Test(arguments: [0, 1, 99, 100])
    func anInterruptedCallIsBegunAgainButNotForEver(interruptions: Int) throws {
        var calls = 0
        let call = {
            calls += 1
            if calls <= interruptions { throw Errno.interrupted }
        }
        if interruptions < 100 {
            try FileError.naming("file", call)
            #expect(calls == interruptions + 1)
        } else {
            #expect(throws: FileError("file", code: EINTR)) { try FileError.naming("file", call) }
            #expect(calls == 100)
        }
    }

    @Test func partsAreReadAndWritten() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/file"
        let file = try OpenFile(path, .readWrite, [.create, .exclusiveCreate])
        try file.write(Array("one two".utf8))
        try file.write(Array("TWO".utf8), at: 4)
        #expect(try file.seekEnd() == 7)
        #expect(try file.read(3, at: 4) == Array("TWO".utf8))
        #expect(try file.read(30, at: 4) == Array("TWO".utf8))
        #expect(try file.read(3, at: 7) == [])
        var bytes = Array("....".utf8)
        #expect(try file.read(into: &bytes, most: 2, at: 0) == 2)
        #expect(bytes == Array("on..".utf8))
        try file.resize(to: 3)
        #expect(try InputFile.read(path) == Array("one".utf8))
        #expect(throws: FileError(path, code: EEXIST)) {
            try OpenFile(path, .writeOnly, [.create, .exclusiveCreate])
        }
    }

    @Test func aFileIsClosedOnceWithItsLastReference() throws {
        let scratch = try Scratch()
        var file: OpenFile? = try OpenFile(scratch.path, .readOnly, .directory)
        let number = try #require(file?.number)
        #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        // A number that no other test gets.
        let kept = try #require(file).duplicate(from: 500)
        #expect(kept.number >= 500 && fcntl(kept.number, F_GETFD) == FD_CLOEXEC)
        try kept.close()
        #expect(fcntl(kept.number, F_GETFD) == -1 && errno == EBADF)
        file = nil
        let link = try? Stat("/proc/self/fd/\(number)")
        #expect(try link?.inode != Stat(scratch.path).inode)
    }

    @Test func aLockIsHeldByOne() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/lock"
        var first: OpenFile? = try OpenFile(path, .readWrite, .create)
        let second = try OpenFile(path)
        #expect(try first?.tryLock() == true)
        #expect(try !second.tryLock())
        first = nil
        #expect(try second.tryLock())
    }
}
