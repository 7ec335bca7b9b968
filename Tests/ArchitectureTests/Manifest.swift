import Foundation

/// The targets of a package, as its manifest lists them.
struct Manifest {
    struct Target {
        let name: String
        /// Where it stands, from the package's root.
        let path: String
        /// The targets of this package that it depends on.
        let dependencies: [String]
    }

    /// In the order of the manifest.
    let targets: [Target]

    /// - Parameter text: a `Package.swift`, whose targets are written out.
    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let code = lines.map { $0.prefix(upTo: $0.range(of: "//")?.lowerBound ?? $0.endIndex) }
            .filter { !$0.contains("url:") }.joined(separator: "\n")
        var targets: [Target] = []
        let kinds = /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "([^"]+)"/
        for match in code.matches(of: kinds) {
            let body = Self.balanced(code[match.range.upperBound...], "(", ")")
            var list = Substring()
            if let start = body.range(of: "dependencies: [") {
                list = Self.balanced(body[start.upperBound...], "[", "]")
            }
            let own = list.replacing(/\.product\([^)]*\)/, with: "")
            let folder = match.1 == "testTarget" ? "Tests" : "Sources"
            targets.append(
                Target(
                    name: String(match.2),
                    path: body.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
                        ?? "\(folder)/\(match.2)",
                    dependencies: own.matches(of: /"([^"]+)"/).map { String($0.1) }
                )
            )
        }
        self.targets = targets
    }

    /// What stands before the sign that closes, of what is open.
    private static func balanced(
        _ text: Substring,
        _ open: Character,
        _ close: Character
    ) -> Substring {
        var depth = 1
        for place in text.indices {
            if text[place] == open { depth += 1 }
            if text[place] == close { depth -= 1 }
            if depth == 0 { return text[..<place] }
        }
        return text
    }

    /// The arrows between the targets: those that the manifest declares and those that files import.
    func arrows(_ files: [String: [SourceFile]]) -> [Arrow] {
        let names = Set(targets.map(\.name))
        return targets.flatMap { target in
            target.dependencies.filter(names.contains).map {
                Arrow(from: target.name, to: $0, evidence: "Package.swift declares it")
            }
                + (files[target.name] ?? []).flatMap { file in
                    file.imports.filter(names.contains).sorted().map {
                        Arrow(from: target.name, to: $0, evidence: "\(file.path) imports it")
                    }
                }
        }
    }

    /// The arrows that lead to a target which stands further down in the manifest.
    func upward(_ arrows: [Arrow]) -> [Arrow] {
        let names = targets.map(\.name)
        let rank = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        return arrows.filter { (rank[$0.to] ?? 0) >= (rank[$0.from] ?? 0) }
    }

    /// The imports of targets that the manifest does not list as dependencies.
    func undeclared(_ arrows: [Arrow]) -> [Arrow] {
        let declared = Dictionary(
            uniqueKeysWithValues: targets.map { ($0.name, Set($0.dependencies)) }
        )
        return arrows.filter { declared[$0.from]?.contains($0.to) != true }
    }
}
