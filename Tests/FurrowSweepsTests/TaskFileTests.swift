import FurrowSystem
import Testing

@testable import FurrowSweeps

@Suite struct TaskFileTests {
    private func tasks(_ text: String) throws -> [String] {
        try TaskFile(Array(text.utf8), file: "t").tasks.map(\.text)
    }

    @Test(arguments: [
        ("\u{FEFF}echo one\necho two\n", ["echo one", "echo two"]),
        ("\u{FEFF}# a comment\necho\n", ["echo"]),
        ("echo \u{FEFF}\n", ["echo \u{FEFF}"]),
        ("echo 1\r\necho 2\r\n", ["echo 1", "echo 2"]),
        ("echo 1\r", ["echo 1"]), ("echo a\rb\n", ["echo a\rb"]),
    ])
    func linesAreTasks(text: String, expected: [String]) throws {
        #expect(try tasks(text) == expected)
    }

    /// All would be one task.
    @Test func carriageReturnsAloneAreRefused() {
        let error = #expect(throws: InputError.self) { try tasks("echo 1\recho 2\r") }
        #expect(error?.description.hasPrefix("t: its lines end in carriage returns alone") == true)
    }

    @Test func whatIsNoUTF8TextIsToldSo() {
        let utf16: [UInt8] = [0xFF, 0xFE, 0x61, 0, 0x0A, 0]
        let error = #expect(throws: InputError.self) { try TaskFile(utf16, file: "t") }
        #expect(error?.description == "t: it is UTF-16, not UTF-8; save it as UTF-8")
        let other = #expect(throws: InputError.self) { try TaskFile([0x61, 0, 0x62], file: "t") }
        #expect(
            other?.description.hasPrefix("t:1: contains a NUL byte: it is not text (UTF-8)") == true
        )
        #expect(other?.description.contains("--null; convert text") == true)
    }

    @Test func aListOfNULsMayHaveAMarkInFront() {
        let list = NullSeparated.values(of: Array("\u{FEFF}a\0\u{FEFF}b\0".utf8))
        #expect(list.map(\.text) == ["a", "\u{FEFF}b"])
    }

    @Test func aMarkBeforeADirectiveIsPassedOver() throws {
        let repeated = try tasks("\u{FEFF}#DISBATCH REPEAT 2 start 5 step 2 echo \u{C5}\n")
        #expect(repeated.count == 2)
        #expect(repeated[1] == "DISBATCH_REPEAT_INDEX=7; export DISBATCH_REPEAT_INDEX; echo \u{C5}")
    }
}
