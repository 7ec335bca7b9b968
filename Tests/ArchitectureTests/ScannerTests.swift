import Testing

@Suite struct ScannerTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile("Sources/House/\(path)", in: "Sources/House", text.utf8)
    }

    @Test func commentsAndLiteralsAreLeftOut() {
        let text = ##"""
            // Roof
            /* Roof /* Wall */ Roof */
            /// Roof
            let a = "Roof \(Door("Roof \(Bell.self)")) Roof \" Roof"
            let b = #"Roof " \(Roof) \#(Lamp()) Roof"#
            let c = """
                Roof "Roof" \(Chair())
                """
            """##
        let file = file("a.swift", text)
        #expect(file.used == ["Door", "Bell", "Lamp", "Chair"])
    }

    @Test func namesOfFilesAreThoseOfPathsInLiterals() {
        let file = file(
            "a.swift",
            ##"""
            // "comment.txt"
            let a = "\(Door("x/y"))/wall.txt", b = #"/roof"#, c = "what a person reads/writes"
            """##
        )
        #expect(file.fileNames == ["x", "y", "wall.txt", "roof"])
    }

    @Test func whatOtherFilesSeeIsDeclared() {
        let file = file(
            "Roof/Roof.swift",
            """
            import Foundation
            public import struct Bricks.Tile

            package struct Roof { struct Inner {} }
            private enum Hidden {}
            fileprivate func hide() {}
            private(set) var height = 1
            final class Chimney {}
            public func repair() {}
            extension Roof { func mend() {} }
            typealias Top = Roof
            """
        )
        #expect(file.folder == "Roof")
        #expect(file.declared == ["Roof", "Chimney", "repair", "Top"])
        #expect(file.imports == ["Foundation", "Bricks"])
    }

    @Test func itsOwnNamesAndThoseOfMembersAreNotUsed() {
        let file = file(
            "a.swift",
            "enum E { struct Roof {} }\nlet a = Roof(), b = x.Wall, c = y.mend()"
        )
        #expect(file.used.isEmpty)
    }

    private let wall = ("Wall/Wall.swift", "struct Wall {}")
    private let roof = ("Roof/Roof.swift", "struct Roof { var walls: [Wall] }")

    @Test func layersHaveNoCycle() {
        let arrows = Arrow.betweenFolders(of: [file(wall.0, wall.1), file(roof.0, roof.1)])
        #expect(arrows.map { [$0.from, $0.to] } == [["Roof", "Wall"]])
        #expect(Arrow.cycle(in: arrows) == nil)
    }

    @Test func anArrowBackIsFoundAndBothFilesAreNamed() throws {
        // `Door` is in the folder that `Roof` stands on, and asks for it again by way of a third.
        let files = [
            file(wall.0, wall.1), file(roof.0, roof.1),
            file("Wall/Door.swift", "func open() { print(Key()) }"),
            file("Hall/Key.swift", "struct Key { let place = under(1) }"),
            file("Roof/Under.swift", "func under(_ x: Int) -> Int { x }"),
        ]
        let cycle = try #require(Arrow.cycle(in: Arrow.betweenFolders(of: files)))
        #expect(Set(cycle.map(\.from)) == ["Wall", "Hall", "Roof"])
        let text = cycle.map(\.description).joined(separator: "\n")
        #expect(
            text.contains("Hall → Roof: Sources/House/Hall/Key.swift uses under of Sources/House/")
        )
        #expect(text.contains("Roof → Wall: Sources/House/Roof/Roof.swift uses Wall of "))
        #expect(text.contains("Sources/House/Wall/Door.swift uses Key of "))
    }

    private let manifest = Manifest(
        """
        // .target(name: "Comment"),
        let package = Package(
            dependencies: [.package(url: "https://example.org/Tiles", from: "1.0.0")],
            targets: [
                .systemLibrary(name: "Ground"),
                .target(name: "Wall", dependencies: ["Ground"]),
                .target(
                    name: "Roof",
                    dependencies: ["Wall", .product(name: "Tile", package: "Tiles")],
                    path: "Sources/Top"
                ),
                .testTarget(name: "RoofTests", dependencies: ["Roof"]),
            ]
        )
        """
    )

    @Test func theManifestIsRead() {
        #expect(manifest.targets.map(\.name) == ["Ground", "Wall", "Roof", "RoofTests"])
        #expect(manifest.targets.map(\.dependencies) == [[], ["Ground"], ["Wall"], ["Roof"]])
        #expect(manifest.targets.map(\.path).suffix(2) == ["Sources/Top", "Tests/RoofTests"])
    }

    @Test func anImportUpwardsIsFound() {
        let files = [
            "Wall": [SourceFile("Sources/Wall/W.swift", in: "Sources/Wall", "import Roof".utf8)],
            "Roof": [SourceFile("Sources/Top/R.swift", in: "Sources/Top", "import Wall".utf8)],
        ]
        let arrows = manifest.arrows(files)
        let expected = "Wall → Roof: Sources/Wall/W.swift imports it"
        #expect(manifest.upward(arrows).map(\.description) == [expected])
        #expect(manifest.undeclared(arrows).map(\.description) == [expected])
        #expect(Arrow.cycle(in: arrows)?.count == 2)
        #expect(Arrow.cycle(in: manifest.arrows([:])) == nil)
    }
}
