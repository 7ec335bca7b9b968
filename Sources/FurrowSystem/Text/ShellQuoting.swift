/// Quotes words for a shell.
package enum ShellQuoting {
    /// A word that a shell reads back byte for byte; quoted only if necessary.
    package static func quoted(_ word: [UInt8]) -> [UInt8] {
        let isPlain = word.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: Array("_-./:=,@%+".utf8).contains(byte)
            }
        }
        if isPlain, !word.isEmpty { return word }
        let quote = UInt8(ascii: "'")
        var quoted = [quote]
        for byte in word {
            if byte == quote { quoted += Array(#"'\'"#.utf8) }
            quoted.append(byte)
        }
        return quoted + [quote]
    }

    /// A word as a shell reads it back; without quotes where it needs none.
    package static func quoted(_ word: String) -> String {
        String(decoding: quoted(Array(word.utf8)), as: UTF8.self)
    }
}
