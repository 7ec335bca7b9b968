import FurrowSystem
import Glibc
import TestSupport
import Testing

@Suite struct PresenceTests {
    @Test func whatIsThereIsFound() throws {
        let scratch = try Scratch()
        #expect(try !Presence.of(scratch.path + "/file"))
        #expect(try Presence.names(in: scratch.path) == [])
        for name in ["file", ".hidden", "é", "a b"] { try scratch.write("", to: name) }
        symlink("nowhere", scratch.path + "/link")
        #expect(try Presence.of(scratch.path + "/file"))
        #expect(try !Presence.of(scratch.path + "/link"))
        #expect(try !Presence.of(scratch.path + "/file/below"))
        #expect(try Presence.names(in: scratch.path) == [".hidden", "a b", "file", "link", "é"])
        #expect(try Presence.names(in: scratch.path + "/none") == [])
        #expect(throws: FileError(scratch.path + "/file", code: ENOTDIR)) {
            try Presence.names(in: scratch.path + "/file")
        }
    }

    @Test func whatCannotBeToldIsAnError() throws {
        let long = String(repeating: "x", count: 300)
        #expect(throws: FileError(long, code: ENAMETOOLONG)) { try Presence.of(long) }
        #expect(throws: FileError(long, code: ENAMETOOLONG)) { try Presence.names(in: long) }
        let scratch = try Scratch()
        let loop = scratch.path + "/loop"
        symlink(loop, loop)
        #expect(throws: FileError(loop, code: ELOOP)) { try Presence.of(loop) }
    }
}
