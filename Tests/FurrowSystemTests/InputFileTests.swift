import Foundation
import FurrowSystem
import Glibc
import TestSupport
import Testing

@Suite struct InputFileTests {
    @Test func somethingElseInPlaceOfARunsFileIsNotWaitedFor() throws {
        let scratch = try Scratch(with: "folder")
        let pipe = scratch.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, scratch.path + "/folder", "/dev/zero"] {
            let error = #expect(throws: FileError.self) { try contentsIfPresent(of: path) }
            let text = "\(path): must be a file, not a folder, a pipe or a device"
            #expect(error.map { "\($0)" } == text)
        }
        #expect(try contentsIfPresent(of: scratch.path + "/none") == nil)
        try scratch.write("text", to: "file")
        #expect(try contentsIfPresent(of: scratch.path + "/file") == Array("text".utf8))
    }

    @Test func aPipeIsReadWhenItsWriterComes() throws {
        let scratch = try Scratch()
        let pipe = scratch.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", "sleep 0.3; (printf one; sleep 0.3; printf two) > \"$0\"", pipe]
        try writer.run()
        #expect(try InputFile.read(pipe) == Array("onetwo".utf8))
        writer.waitUntilExit()
    }
}
