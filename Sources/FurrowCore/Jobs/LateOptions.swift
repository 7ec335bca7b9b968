import FurrowRuns
import Synchronization

/// The options of a run that are known only after its pipeline was made: the names of its stages
/// say what its directory is called. So a pipeline, which may load a model, is made once.
package final class LateOptions: Sendable {
    private struct Values: Sendable {
        var journal: Journal?
        var directory: RunDirectory
        var resumption: String
    }

    private let values = Mutex<Values?>(nil)

    package init() {}

    /// Makes known what the options say of the run.
    package func settle(_ options: RunOptions) {
        values.withLock {
            $0 = Values(
                journal: options.journal,
                directory: options.directory,
                resumption: options.resumption
            )
        }
    }

    /// The options with what is known.
    func apply(to options: RunOptions) -> RunOptions {
        guard let values = values.withLock({ $0 }) else { return options }
        var options = options
        options.late = nil
        options.journal = values.journal
        options.directory = values.directory
        options.resumption = values.resumption
        return options
    }
}
