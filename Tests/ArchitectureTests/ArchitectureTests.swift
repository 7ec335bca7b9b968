import Foundation
import Testing

/// The arrows of this package, read from its sources: down only, between targets and between the
/// folders of a target.
@Suite struct ArchitectureTests {
    private let manifest: Manifest
    private let files: [String: [SourceFile]]

    /// Read once: each test has an instance of its own.
    private static let read = Result { try Self.readAll() }

    init() throws { (manifest, files) = try Self.read.get() }

    private static func readAll() throws -> (Manifest, [String: [SourceFile]]) {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let manifest = Manifest(
            try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        )
        var files: [String: [SourceFile]] = [:]
        for target in manifest.targets {
            let folder = root.appendingPathComponent(target.path).path
            let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
            files[target.name] = try (paths ?? []).filter { $0.hasSuffix(".swift") }.map { path in
                SourceFile(
                    "\(target.path)/\(path)",
                    in: target.path,
                    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
                )
            }
        }
        return (manifest, files)
    }

    @Test func thereIsSomethingToLookAt() {
        #expect(manifest.targets.count > 15)
        #expect(files["FurrowCore"]?.contains { $0.declared.contains("ParallelRunner") } == true)
        #expect(manifest.targets.first { $0.name == "Furrow" }?.dependencies.isEmpty == false)
    }

    @Test func targetsDependOnThoseAboveThemInTheManifest() {
        let arrows = manifest.arrows(files)
        #expect(Arrow.cycle(in: arrows) == nil)
        #expect(manifest.upward(arrows) == [])
    }

    @Test func whatAFileImportsIsADependencyOfItsTarget() {
        #expect(manifest.undeclared(manifest.arrows(files)) == [])
    }

    @Test func foldersOfATargetAreLayers() {
        for target in manifest.targets where target.path.hasPrefix("Sources/") {
            let arrows = Arrow.betweenFolders(of: files[target.name] ?? [])
            #expect(Arrow.cycle(in: arrows) == nil, "in \(target.name)")
        }
    }

    /// What a run's directory holds is named in one folder, whose files are all about that.
    @Test func theNamesInARunsDirectoryStandInOnePlace() {
        let runs = files["FurrowRuns"] ?? []
        let named = runs.filter { $0.folder == "Layout" }.flatMap(\.fileNames)
        // Without the signs that names are put together with.
        let names = Set(named.filter { $0.contains(where: \.isLetter) })
        #expect(names.isSuperset(of: ["run.json", "lock", "output", "worker-", "latest"]))
        // Those of a user's own file, in the help of the program.
        let ofUsers = ["FurrowTool": Set(["sweep.yaml"])]
        for target in manifest.targets where target.name.hasPrefix("Furrow") {
            for file in files[target.name] ?? [] where target.path.hasPrefix("Sources/") {
                if target.name == "FurrowRuns", file.folder == "Layout" { continue }
                let found = file.fileNames.intersection(names)
                    .subtracting(ofUsers[target.name] ?? [])
                #expect(found == [], "\(file.path) names what RunLayout does")
            }
        }
    }

    /// The targets that a sweep is read and shown with, and their tests, build without MPI.
    @Test func onlyTheRunnersNeedMPI() {
        let below = Dictionary(
            uniqueKeysWithValues: manifest.targets.map { ($0.name, $0.dependencies) }
        )
        func all(_ name: String) -> Set<String> {
            (below[name] ?? []).reduce(into: []) { $0.formUnion(all($1).union([$1])) }
        }
        for name in [
            "FurrowConfiguration", "FurrowDevices", "FurrowRuns", "FurrowScheduling",
            "FurrowSweeps",
            "FurrowSystem",
        ] {
            #expect(!all(name).contains("MPI"), "\(name)")
            #expect(!all(name + "Tests").contains("MPI"), "\(name)Tests")
        }
    }
}
