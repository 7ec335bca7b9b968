import Foundation
import TestSupport
import Testing

@testable import FurrowSystem

@Suite struct FolderPathTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch(with: "there/deep") }

    @Test func aFolderHasOneName() throws {
        let place = scratch.path
        symlink("there/deep", place + "/link")
        let real = try FolderPath.real(place)
        for (path, name) in [
            ("/link", "/there/deep"), ("/link/..", "/there"), ("//there/./deep/", "/there/deep"),
        ] { #expect(try FolderPath.real(place + path) == real + name) }
        #expect(throws: FileError.self) { try FolderPath.real(place + "/none") }
    }

    @Test func oneThatIsNotMadeYetHasItsNameToo() throws {
        let place = scratch.path
        symlink("there/deep", place + "/link")
        let real = try FolderPath.real(place)
        #expect(try FolderPath.planned(place + "/link/../new/er") == real + "/there/new/er")
        #expect(try FolderPath.planned(place + "/link") == real + "/there/deep")
        let here = try FolderPath.real(".")
        #expect(try FolderPath.planned("none/at all") == here + "/none/at all")
        #expect(try FolderPath.planned("~/x").hasSuffix("/~/x"))
        #expect(!scratch.has("there/new"))
        #expect(try FolderPath.making(place + "/link/new") == real + "/there/deep/new")
        #expect(scratch.has("there/deep/new"))
    }
}
