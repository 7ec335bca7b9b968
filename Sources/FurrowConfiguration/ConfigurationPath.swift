/// Names of places inside a configuration, for messages.
///
/// A path is a list of keys; a list index is written `[2]`, counted from 0.
enum ConfigurationPath {
    /// The path step for a list index.
    static func step(at index: Int) -> String { "[\(index)]" }

    /// A path as a user would write it: `benchmark.seeds[2]`.
    static func text(_ path: [String]) -> String {
        var text = ""
        for step in path {
            if !text.isEmpty, !step.hasPrefix("[") { text += "." }
            text += step
        }
        return text
    }

    /// The subject of a message: the quoted path, or the whole configuration.
    static func subject(_ path: [String]) -> String {
        path.isEmpty ? "the configuration" : "'\(text(path))'"
    }

    /// ` in 'path'`, or nothing at the top.
    static func suffix(_ path: [String]) -> String {
        path.isEmpty ? "" : " in '\(text(path))'"
    }
}
