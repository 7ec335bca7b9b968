import Foundation
import Testing

@testable import FurrowSystem

private struct Cold: LocalizedError {
    var errorDescription: String? { "the plate is cold" }
}
private struct Silent: LocalizedError { var why = 7 }
private struct Coded: CustomNSError {
    var errorUserInfo: [String: Any] { [NSLocalizedDescriptionKey: "code nine"] }
}
private enum Plain: Error {
    case tooHot
    case after(seconds: Int)
}
private enum Told: Error, CustomStringConvertible {
    case once
    var description: String { "told once" }
}
private struct Fields: Error { var x = 1 }

@Suite struct ErrorMessageTests {
    @Test(
        arguments: [
            (Cold(), "the plate is cold"), (Silent(), "Silent(why: 7)"), (Coded(), "code nine"),
            (Plain.tooHot, "Plain.tooHot"), (Plain.after(seconds: 3), "Plain.after(seconds: 3)"),
            (Told.once, "told once"), (Fields(), "Fields(x: 1)"),
            (FileError("/x", code: ENOENT), "/x: No such file or directory"),
        ] as [(any Error, String)]
    )
    func anErrorSaysWhatItMeans(error: any Error, text: String) {
        #expect(message(of: error) == text)
    }

    /// Foundation would say "The operation could not be completed. There isn't enough space."
    @Test(arguments: [
        ("/dev/full", "/dev/full: No space left on device"),
        ("/no/such", "/no/such: No such file or directory"),
    ])
    func anErrorOfFoundationHasTheSystemsWords(path: String, text: String) throws {
        let error = try #require(throws: CocoaError.self) {
            try Data(repeating: 1, count: 100_000).write(to: URL(fileURLWithPath: path))
        }
        #expect(message(of: error) == text)
    }

    /// What a job reads may be in its error's text.
    @Test func noneControlsTheTerminal() {
        let error = InputError("\u{1b}[31mred\u{0}\r\n\ttwo\r\u{9b}1m\u{7f}")
        #expect(message(of: error) == " [31mred \n two  1m ")
    }

    @Test func aLongOneIsCut() {
        let long = InputError(String(repeating: "x", count: 100_000))
        #expect(message(of: long).utf8.count == 16_384 + 3)
    }
}
