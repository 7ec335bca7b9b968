import Foundation
package import FurrowSystem

/// A package of an application in Swift, as a start: a manifest, a program and its configuration.
package struct NewPackage: Sendable {
    private let name: String
    private let furrow: String

    /// - Parameters:
    ///   - name: the name of the package, of its folder and of its program.
    ///   - furrow: where Furrow is: a folder, absolute or from the new one, or a URL.
    /// - Throws: ``UsageError`` for a name that cannot be a program's.
    package init(_ name: String, furrow: String) throws(UsageError) {
        guard name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_-]*/) != nil else {
            throw UsageError(
                "'\(name)' must begin with a letter, and have only letters, digits, '-' and '_'"
            )
        }
        // Packages of one identity, which is the folder's name, hide each other.
        let folder = furrow.lowercased().split(separator: "/").last ?? ""
        let taken = ["furrow", String(folder.replacing(/\.git$/, with: ""))]
        guard !taken.contains(name.lowercased()) else {
            throw UsageError("'\(name)' is the name of the package of Furrow itself")
        }
        self.name = name
        self.furrow = furrow
    }

    /// Writes the files into a new folder of the package's name.
    ///
    /// - Parameter place: the folder around it.
    /// - Throws: ``UsageError`` if there is such a folder, or it cannot be written.
    package func write(in place: String = ".") throws {
        let folder = "\(place)/\(name)"
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw UsageError("there is already a '\(name)' here")
        }
        do {
            try writeFiles(in: folder)
        } catch {
            // There was none, and half of one is of no use.
            try? FileManager.default.removeItem(atPath: folder)
            throw UsageError("the package cannot be written: \(message(of: error))")
        }
    }

    private func writeFiles(in folder: String) throws {
        let sources = "\(folder)/Sources/\(name)"
        try FileManager.default.createDirectory(
            atPath: sources,
            withIntermediateDirectories: true
        )
        try AtomicFile.write(manifest.utf8, to: "\(folder)/Package.swift")
        try AtomicFile.write(PackageResources.Program_swift, to: "\(sources)/Program.swift")
        try AtomicFile.write(PackageResources.pendulum_yaml, to: "\(folder)/\(name).yaml")
        try AtomicFile.write(".build/\nruns/\n".utf8, to: "\(folder)/.gitignore")
    }

    /// What to do next, for the terminal.
    package var hint: String {
        """
        cd \(name)
        swift build -c release
        mpirun -n 3 .build/release/\(name) --config \(name).yaml --run-dir runs/\(name)/first
        """
    }

    private var manifest: String {
        let place =
            furrow.contains("://")
            ? "url: \(JSONString.encode(furrow)), branch: \"main\""
            : "name: \"furrow\", path: \(JSONString.encode(furrow))"
        return """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "\(name)",
                dependencies: [
                    .package(\(place)),
                    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
                ],
                targets: [
                    .executableTarget(
                        name: "\(name)",
                        dependencies: [
                            .product(name: "Furrow", package: "furrow"),
                            .product(name: "ArgumentParser", package: "swift-argument-parser"),
                        ]
                    )
                ],
                swiftLanguageModes: [.v6]
            )

            """
    }
}
