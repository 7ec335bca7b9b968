/// The shell that runs scripts: a program and its options, before `-c` and the script.
package struct Shell: Sendable, Hashable, Codable {
    /// `/bin/sh`.
    package static let standard = Shell(words: ["/bin/sh"])

    /// Shells that read other scripts than `sh` does: in them the places of a script have no value.
    private static let others = ["csh", "tcsh", "fish", "nu", "pwsh", "elvish"]

    /// The program and its options.
    package let words: [String]

    /// - Parameter words: the program and its options, at least one.
    package init(words: [String]) { self.words = words }

    /// The program and the arguments to run a script.
    func arguments(_ script: [UInt8]) -> [[UInt8]] {
        words.map { Array($0.utf8) } + [Array("-c".utf8), script]
    }

    /// Whether it reads scripts as `sh` does, as far as is known.
    var readsPlaces: Bool {
        let name = words[0].split(separator: "/").last.map { String($0) } ?? ""
        return !Self.others.contains(name)
    }

    /// A hint at another shell, for a script that needs one; `nil` for any other.
    ///
    /// - Parameters:
    ///   - script: the script.
    ///   - errors: the end of what its shell said.
    package func hint(_ script: [UInt8], errors: [UInt8]) -> String? {
        guard self == .standard else { return nil }
        let script = String(decoding: script.prefix(65_536), as: UTF8.self)
        let errors = String(decoding: errors, as: UTF8.self)
        let isShells = ["not found", "Syntax error", "Bad substitution", "llegal option", "bad"]
            .contains { errors.contains($0) }
        guard isShells else { return nil }
        if let match = errors.firstMatch(of: Self.loginFunction) {
            return "'\(match.1)' may be a function of a login shell: 'shell: bash -l' in the sweep "
                + "file, or --shell 'bash -l'"
        }
        var cause: String?
        if let match = script.firstMatch(of: Self.beyond) {
            cause = "'\(match.1.trimmingPrefix { $0.isWhitespace })'"
        } else if errors.contains(Self.otherSyntax) {
            cause = "the script"
        }
        return cause.map {
            "\($0) may need another shell than /bin/sh: 'shell: bash' in the sweep file, or "
                + "--shell bash"
        }
    }

    /// What bash knows and `sh` need not.
    private static var beyond: Regex<(Substring, Substring)> {
        /(?:^|[\s;&|(])((?:\[\[|source|pushd|popd|declare|typeset|let|shopt|function|mapfile|readarray|set -o pipefail|set -euo pipefail)(?=[\s(;&|]|$)|<\()/
    }

    /// What the profile of a login shell defines.
    private static var loginFunction: Regex<(Substring, Substring)> {
        /(?:^|[\s:])(module|ml|conda|mamba|micromamba|spack|workon|nvm): not found/
    }

    /// What `sh` says of bash's arrays, loops, redirections and `${x^^}`.
    private static var otherSyntax: Regex<Substring> {
        /Syntax error: "[(&]" unexpected|redirection unexpected|Bad for loop variable|Bad substitution/
    }
}
