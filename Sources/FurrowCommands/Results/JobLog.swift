internal import Foundation
import Furrow

/// What a job has written.
public struct JobLog {
    private let job: Int
    private let directory: String
    private let sweep: Sweep
    private let stageName: String?
    private let kind: OutputKind

    /// - Parameters:
    ///   - job: its number, from 1.
    ///   - directory: the run's directory.
    ///   - stage: its stage; the last, if `nil`.
    ///   - kind: standard output or error.
    /// - Throws: ``Furrow/UsageError`` where there is no such job.
    public init(of job: Int, in directory: String, stage: String?, kind: OutputKind) throws {
        self.job = job
        self.directory = directory
        stageName = stage
        self.kind = kind
        sweep = try Sweep(reopening: directory)
        let count = try sweep.stage(stage).space.count
        guard 1...max(count, 1) ~= job, count > 0 else {
            throw UsageError("there is no job \(job) in \(directory), which has \(count)")
        }
    }

    /// Writes it to standard output.
    ///
    /// - Parameter isFollowing: goes on as long as the job runs, or waits to.
    /// - Throws: ``Furrow/UsageError`` for a job that has not written anything yet, and for one whose
    ///   output is gone: the worker's file was removed, cut short or written over.
    public func write(following isFollowing: Bool) async throws {
        var output = BufferedOutput()
        var shown = 0
        while true {
            if let running = try runningFile() {
                shown += try copy(running, from: shown, to: &output)
            } else if let attempt = try attempt() {
                guard let result = attempt.result else { return }
                let folder = OutputFolder(in: directory, start: result.start ?? 1)
                let path = folder.path(rank: attempt.rank, kind)
                do {
                    let place = kind == .out ? result.out : result.err
                    try RecordedOutput(at: place, in: path).copy(from: shown, to: &output)
                } catch let gone as RecordedOutput.Gone {
                    throw UsageError("the output of job \(job) of \(directory) is gone: \(gone)")
                }
                return
            } else if !isFollowing || RunLock.owner(of: directory) == nil {
                throw UsageError("job \(job) of \(directory) has not run")
            }
            guard isFollowing else { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func attempt() throws -> RecordedStage.Attempt? {
        let index = try JournalIndex(of: directory)
        return try RecordedStage(try sweep.stage(stageName), in: directory, index).attempt(at: job)
    }

    /// The file that the job writes to now.
    private func runningFile() throws -> String? {
        guard RunLock.owner(of: directory) != nil, let state = try RunState(of: directory),
            let running = state.running.first(where: { $0.job == job })
        else { return nil }
        let ranks = try RunRecord(of: directory).ranks.count
        let rank = ranks > 1 ? running.taskID + 1 : 0
        return try OutputFolder(latestIn: directory).path(rank: rank, kind) + ".running"
    }

    /// - Returns: how many bytes there were.
    private func copy(
        _ path: String,
        from start: Int,
        to output: inout BufferedOutput
    ) throws -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        var offset = start
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
            guard count > 0 else { break }
            try output.write(Array(buffer[..<count]))
            offset += count
        }
        try output.flush()
        return offset - start
    }
}
