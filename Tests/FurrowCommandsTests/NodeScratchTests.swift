import Foundation
import TestSupport
import Testing

@testable import FurrowCommands

/// What a command may leave at `$FURROW_RESULT`, or do to the folder of it.
@Suite struct NodeScratchTests {
    /// Runs a script as a command does, with the scratch folder as `$d` and the result as `$r`.
    private func run(_ script: String, in scratch: NodeScratch) throws {
        let variables = ["d": scratch.directory, "r": scratch.result, "PATH": "/usr/bin:/bin"]
        // Values are not split at the spaces of a path.
        let shell = ["sh", "-c", "IFS=; \(script)"]
        #expect(try Execution.run(shell, environment: variables).status == 0)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "mkfifo $r", "mkdir $r; touch $r/x", "ln -s /dev/zero $r", "ln -s /nowhere $r",
            "mkdir $d/a; mv $d/a $r",
            "python3 -c 'import socket, sys; "
                + "socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $r",
        ]
    )
    func whatIsNoFileIsNoResultAndIsGoneForTheNext(script: String) throws {
        let scratch = try NodeScratch()
        defer { NodeScratch.remove(scratch.directory) }
        try run(script, in: scratch)
        let error = #expect(throws: NodeScratch.Unusable.self) { try scratch.readResult() }
        #expect(error?.description.contains("must be a file") == true)
        try scratch.renew()
        #expect(try scratch.readResult() == nil)
        try run("echo '{}' > $r", in: scratch)
        #expect(try scratch.readResult() == Array("{}\n".utf8))
    }

    @Test(arguments: [
        "rm -rf $d", "rm -rf $d; touch $d", "rm -rf $d; mkfifo $d", "chmod 000 $d",
        "rm -rf $d; ln -s $d-kept $d", "rm -rf $d; ln -s /nowhere $d", "touch $d/a $d/.b",
        "mkdir -p $d/a/b/c; touch $d/a/b/c/d; ln -s $d-kept $d/a/link; ln -s $d-kept $d/link",
    ])
    func theFolderIsThereAndEmptyForTheNext(script: String) throws {
        let scratch = try NodeScratch()
        let kept = scratch.directory + "-kept"
        try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: false)
        try Data().write(to: URL(fileURLWithPath: kept + "/mine"))
        defer {
            NodeScratch.remove(scratch.directory)
            NodeScratch.remove(kept)
        }
        try run(script, in: scratch)
        try scratch.renew()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory) == [])
        #expect(FileManager.default.fileExists(atPath: kept + "/mine"))
        try run("echo '{}' > $r", in: scratch)
        #expect(try scratch.readResult() == Array("{}\n".utf8))
    }

    @Test func whatIsTooLargeIsNotRead() throws {
        let scratch = try NodeScratch()
        defer { NodeScratch.remove(scratch.directory) }
        try run("truncate -s 65M $r", in: scratch)
        let error = #expect(throws: NodeScratch.Unusable.self) { try scratch.readResult() }
        #expect(error?.description == "$FURROW_RESULT must have at most 64 MiB, but has 65")
    }
}
