import Furrow
import Testing

@testable import FurrowCommands

@Suite struct CommandResultTests {
    private let text = """
        {"err":{"length":0,"offset":7},"exit":0,\
        "metrics":{"a.b":0.10,"list":[1,null],"name":"x/y"},\
        "out":{"checksum":18446744073709551615,"length":3,"offset":12},"peak_memory":4096,\
        "start":2,"system_time":0.000123,"user_time":1.5}
        """

    private func read(_ text: String) throws -> CommandResult {
        try #require(CommandResult(try JSON(parsing: text.utf8)))
    }

    @Test func theJournalsFormIsReadAndWrittenAlike() throws {
        let result = try read(text)
        #expect(result.outcome.end == .exited(0))
        #expect(result.out == OutputRange(offset: 12, length: 3, checksum: .max))
        #expect(result.start == 2)
        #expect(!result.isTriedAgain)
        #expect(result.json.description == text)
        #expect(try read(result.json.description) == result)
    }

    @Test func howItEndedIsAmongTheOtherMembers() throws {
        var result = try read(text)
        result.outcome.end = .signalled(15)
        result.outcome.timedOut = true
        result.isTriedAgain = true
        let json = result.json
        #expect(json["exit"] == nil)
        #expect(json["signal"] == .number("15"))
        #expect(json["timed_out"] == .boolean(true))
        #expect(json["tried_again"] == .boolean(true))
        #expect(CommandResult(json) == result)
        result.outcome.end = .notStarted("not found in PATH")
        #expect(result.json["exit"] == nil)
        #expect(result.json["signal"] == nil)
    }

    /// Version 0.1 wrote no start and no checksum.
    @Test func theFormerFormIsRead() throws {
        let former = """
            {"err":{"length":0,"offset":0},"exit":3,"metrics":{},"out":{"length":2,"offset":1},\
            "peak_memory":1,"system_time":0,"user_time":0}
            """
        let result = try read(former)
        #expect(result.start == 1)
        #expect(result.outcome.end == .exited(3))
        #expect(result.out == OutputRange(offset: 1, length: 2))
    }

    @Test(arguments: ["null", "3", "{}", #"{"out":{"length":1,"offset":0}}"#])
    func somethingElseIsNone(text: String) throws {
        #expect(CommandResult(try JSON(parsing: text.utf8)) == nil)
    }
}

@Suite struct FrameTests {
    private let request = ProcessRequest(
        arguments: [Array("echo".utf8), [], [0xFF, 0x0A], []],
        environment: [Array("A=1".utf8)],
        directory: nil,
        output: "out",
        errors: "err",
        names: ["a", "b"],
        timeout: .milliseconds(1500),
        grace: .seconds(5)
    )

    /// However the bytes are cut into pieces.
    @Test(arguments: [1, 7, 1000]) func valuesArriveWhole(size: Int) throws {
        var inbox = Frame.Inbox<SupervisorRequest>()
        var arrived: [SupervisorRequest] = []
        let bytes =
            Frame(SupervisorRequest.some(request)).bytes
            + Frame(SupervisorRequest.none).bytes
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(bytes.count, start + size)])
            piece.withUnsafeBytes { inbox.add($0) }
            while let value = inbox.next() { arrived.append(value) }
        }
        #expect(arrived == [request, nil])
    }
}
