package import FurrowRuns
import FurrowSystem

/// Which run is opened.
extension RecordedRun {
    /// The name and the options that decide which run is opened.
    package struct Request {
        /// The name of the runs of this program or sweep.
        package var name: String
        /// Their kind.
        package var kind: RunRecord.Kind
        /// The names of the stages.
        package var stages: [String]
        /// The command line's options.
        package var options: RunnerOptions

        /// - Parameters:
        ///   - name: the name of the runs of this program or sweep.
        ///   - kind: their kind.
        ///   - stages: the names of the stages.
        ///   - options: the command line's options.
        package init(
            name: String,
            kind: RunRecord.Kind,
            stages: [String],
            options: RunnerOptions
        ) {
            self.name = name
            self.kind = kind
            self.stages = stages
            self.options = options
        }
    }
}

extension RunnerOptions {
    /// Whether to record the run, for an application that does not do so by default.
    var isRecorded: Bool { runDir != nil || resume != nil }

    /// The directory named by these options, absolute.
    ///
    /// - Returns: also what made it, if it is a new one under ``runsDir``.
    func directory(for name: String) throws -> (path: String, new: RunDirectory?) {
        let path: String
        var new: RunDirectory?
        switch (runDir, resume) {
        case (let runDir?, _):
            path = runDir
        case (nil, .run(let run)?):
            path = try RunFinder.find(run, under: runsDir)
        case (nil, let resume):
            let newest =
                try resume == nil ? nil : RunFinder.findIfPresent(name, under: runsDir)
            let made = RunDirectory(under: runsDir, name: name)
            path = try newest ?? made.directory()
            if newest == nil { new = made }
        }
        return (try FolderPath.making(path), new)
    }
}
