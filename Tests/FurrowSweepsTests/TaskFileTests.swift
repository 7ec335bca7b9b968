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

    @Test func aMarkBeforeADirectiveIsPassedOver() throws {
        let repeated = try tasks("\u{FEFF}#DISBATCH REPEAT 2 start 5 step 2 echo \u{C5}\n")
        #expect(repeated.count == 2)
        #expect(repeated[1] == "DISBATCH_REPEAT_INDEX=7; export DISBATCH_REPEAT_INDEX; echo \u{C5}")
    }
}
