import FurrowSystem
import Testing

@Suite struct ShellQuotingTests {
    @Test(arguments: [
        ("runs/a-1/2026-11-26T112548", "runs/a-1/2026-11-26T112548"), ("", "''"),
        ("my runs", "'my runs'"), ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"),
        ("~/runs", "'~/runs'"),
    ])
    func aWordIsReadBackAsItIs(word: String, quoted: String) {
        #expect(ShellQuoting.quoted(word) == quoted)
    }
}
