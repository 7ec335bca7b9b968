import Foundation
import Glibc
import TestSupport
import Testing

/// A disk that a test can take the power from: ext4 on a loop device.
private final class LoopDisk {
    /// `EXT4_IOC_SHUTDOWN`, and what it is to do: nothing more reaches the disk, its log neither.
    private static let shutDown: UInt = 0x8004_587d
    private static let withoutLog: UInt32 = 2

    /// Why there can be none here; `nil` where there can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "only root may mount a disk" }
        do {
            _ = try LoopDisk(in: Scratch())
            return nil
        } catch {
            return "no ext4 on a loop device: \(error)"
        }
    }()

    private let image: String
    private let folder: String
    private var isMounted = false

    /// - Parameter scratch: where its image is; it is mounted at `disk` beside it.
    init(in scratch: Scratch) throws {
        image = scratch.url.path + "/image"
        folder = scratch.url.path + "/disk"
        guard FileManager.default.createFile(atPath: image, contents: nil),
            truncate(image, 40 << 20) == 0, mkdir(folder, 0o777) == 0
        else { throw Problem(description: "no image can be made") }
        try Self.call("mkfs.ext4", "-q", "-F", image)
        try mount()
    }

    deinit { if isMounted { umount2(folder, Int32(MNT_DETACH)) } }

    private struct Problem: Error, CustomStringConvertible { let description: String }

    private static func call(_ arguments: String...) throws {
        let path = "PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
        let run = try Execution.run([path] + arguments)
        guard run.status == 0 else {
            throw Problem(description: "\(arguments) failed: \(run.status): \(run.errors)")
        }
    }

    func mount() throws {
        try Self.call("mount", "-o", "loop", image, folder)
        isMounted = true
    }

    func unmount() throws {
        // Whoever has a file of it open may take a moment to leave.
        try wait(every: 0.1) { umount2(folder, 0) == 0 || errno != EBUSY }
        isMounted = false
    }

    /// Takes the power away.
    func fail() throws {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var how = Self.withoutLog
        try #require(ioctl(descriptor, Self.shutDown, &how) == 0)
    }
}

extension RankTests {
    /// What is on the disk when its power fails is enough to go on with.
    @Suite(.enabled(if: LoopDisk.obstacle == nil, "\(LoopDisk.obstacle ?? "")"))
    struct PowerFailure {
        /// How often each job began, by its own word.
        private func begun(_ sweep: SweepScratch) throws -> [Int: Int] {
            let numbers = try sweep.scratch.text("begun").split(separator: "\n").compactMap {
                Int($0)
            }
            return Dictionary(numbers.map { ($0, 1) }, uniquingKeysWith: +)
        }

        /// The jobs that the journal says have succeeded.
        private func done(_ sweep: SweepScratch) throws -> Set<Int> {
            Set(
                try sweep.journal("disk/runs/pw/latest").filter { $0.state == "succeeded" }
                    .map(\.job)
            )
        }

        /// - Parameter seconds: how long after the first job's begin the power fails.
        @Test(.timeLimit(.minutes(5)), arguments: [0.0, 1.5, 7.0], [3, nil])
        func aRunGoesOn(seconds: Double, ranks: Int?) throws {
            let sweep = try SweepScratch()
            let disk = try LoopDisk(in: sweep.scratch)
            let runs = ["--runs-dir", "disk/runs", "--progress", "none"]
            // Some seconds more than it takes until the power fails.
            let jobs = Int(10 * (seconds + 3)) * (ranks.map { $0 - 1 } ?? 1)
            let names = try sweep.scratch.write((1...jobs).map { "\($0)\n" }.joined(), to: "names")
            let yaml = """
                name: pw
                command: "echo {n} >> \\"$BEGUN\\"; sleep 0.1"
                parameters: {n: {file: '\(names)'}}
                """
            let environment = ["BEGUN": sweep.url.path + "/begun"]
            var recorded: Set<Int> = []
            let run = try sweep.run(yaml, ranks: ranks, runs, environment: environment) { _ in
                try wait { (try? begun(sweep).isEmpty) == false }
                usleep(UInt32(max(0, seconds - 5) * 1e6))
                if seconds > 5 { recorded = try done(sweep) }
                usleep(UInt32(min(seconds, 5) * 1e6))
                try disk.fail()
            }
            #expect(run.status == 70, "\(run.errors)")
            try disk.unmount()
            try disk.mount()
            // What is older than the second within which it is synced.
            let kept = try done(sweep)
            #expect(kept.isSuperset(of: recorded), "\(recorded.subtracting(kept)) were lost")
            if seconds > 5 { #expect(!recorded.isEmpty) }
            let before = try begun(sweep)
            #expect(try sweep.furrow(["status", "--runs-dir", "disk/runs"]).status == 0)
            let rest = try sweep.furrow(
                ["run", "--resume"] + runs,
                ranks: 3,
                environment: environment
            )
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(!rest.errors.contains("run.json"), "\(rest.errors)")
            let after = try begun(sweep)
            for job in kept { #expect(after[job] == before[job], "job \(job) ran again") }
            let rows = try sweep.results("--runs-dir", "disk/runs")
            #expect(rows.count == jobs && rows.allSatisfy { $0["state"] == "succeeded" })
            try disk.unmount()
        }
    }
}
