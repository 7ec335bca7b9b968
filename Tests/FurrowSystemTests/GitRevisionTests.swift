import Foundation
import TestSupport
import Testing

@testable import FurrowSystem

@Suite struct GitRevisionTests {
    private let folder: Scratch

    init() throws { folder = try Scratch(with: ".git/refs/heads", "below/deep") }

    @Test func aBranchIsFollowed() throws {
        try folder.write("ref: refs/heads/main\n", to: ".git/HEAD")
        #expect(GitRevision.revision(of: folder.path) == nil)
        try folder.write(
            "# pack\nabc refs/heads/main2\ndef refs/heads/main\n",
            to: ".git/packed-refs"
        )
        #expect(GitRevision.revision(of: folder.path) == "def")
        try folder.write("123\n", to: ".git/refs/heads/main")
        #expect(GitRevision.revision(of: folder.path + "/below/deep") == "123")
    }

    @Test func aRevisionWithoutABranchIsRead() throws {
        try folder.write("456\n", to: ".git/HEAD")
        #expect(GitRevision.revision(of: folder.path) == "456")
    }

    @Test func aWorktreeNamesItsFolder() throws {
        try folder.write("ref: refs/heads/side\n", to: "below/deep/HEAD")
        try folder.write("../..\n", to: "below/deep/commondir")
        try folder.write("gitdir: below/deep\n", to: ".git-file")
        try FileManager.default.removeItem(atPath: folder.path + "/.git")
        try FileManager.default.moveItem(
            atPath: folder.path + "/.git-file",
            toPath: folder.path + "/.git"
        )
        try FileManager.default.createDirectory(
            atPath: folder.path + "/refs/heads",
            withIntermediateDirectories: true
        )
        try folder.write("789\n", to: "refs/heads/side")
        #expect(GitRevision.revision(of: folder.path) == "789")
    }

    @Test func elsewhereThereIsNone() throws {
        try FileManager.default.removeItem(atPath: folder.path + "/.git")
        #expect(GitRevision.revision(of: folder.path) == nil)
    }
}
