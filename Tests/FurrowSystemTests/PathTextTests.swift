import Testing

@testable import FurrowSystem

@Suite struct PathTextTests {
    @Test(arguments: [
        ("s", "", "s", "s"), ("a/b", "a", "b", "b"), ("/a", "/", "a", "a"),
        ("/a/b.yaml", "/a", "b.yaml", "b"), ("a/b.c.d/", "a", "b.c.d", "b.c"),
        (".", "", ".", "."), ("..", "", "..", ".."), ("./s", ".", "s", "s"), ("~", "", "~", "~"),
        ("/", "/", "", ""), ("", "", "", ""), (".hidden", "", ".hidden", ".hidden"),
        ("a b/é.x", "a b", "é.x", "é"),
    ])
    func aPathIsTakenApart(path: String, folder: String, name: String, stem: String) {
        #expect(path.folderOfPath == folder)
        #expect(path.nameOfPath == name)
        #expect(path.stemOfPath == stem)
    }
}
