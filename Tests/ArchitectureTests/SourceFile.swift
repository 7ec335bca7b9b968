import Foundation

/// What one Swift file declares, uses and imports.
struct SourceFile {
    /// Its path from the package's root.
    let path: String
    /// The folder in its target; empty for a file that stands in none.
    let folder: String
    /// The types and functions that it declares for other files.
    private(set) var declared: Set<String> = []
    /// The names that it uses as types or calls as functions, and does not declare itself.
    private(set) var used: Set<String> = []
    /// The modules that it imports.
    private(set) var imports: Set<String> = []
    /// The names of files that stand in its literals: the components of paths. What has a blank is
    /// text for people.
    let fileNames: Set<String>

    private static let types: Set<Substring> = [
        "struct", "class", "enum", "protocol", "actor", "typealias",
    ]
    private static let others: Set<Substring> = ["func", "let", "var", "extension", "import"]

    /// - Parameters:
    ///   - path: its path from the package's root.
    ///   - target: the path of its target.
    ///   - text: its content.
    init(_ path: String, in target: String, _ text: some Sequence<UInt8>) {
        self.path = path
        let inner = path.dropFirst(target.count + 1).split(separator: "/")
        folder = inner.count > 1 ? String(inner[0]) : ""
        let source = SourceText(text)
        fileNames = Set(
            source.literals.filter { !$0.contains { $0.contains(where: \.isWhitespace) } }
                .flatMap { $0.flatMap { $0.split(separator: "/") } }.map(String.init)
        )
        let tokens = Self.tokens(source.code)
        var own: Set<String> = []
        var depth = 0
        var isPrivate = false
        for (place, token) in tokens.enumerated() {
            let next = place + 1 < tokens.count ? tokens[place + 1] : ""
            let last = place > 0 ? tokens[place - 1] : ""
            switch token {
            case "{": depth += 1
            case "}": depth -= 1
            case "private", "fileprivate":
                isPrivate = next != "("
            case "import" where depth == 0:
                // `import struct Module.Name`
                let isOne = Self.types.contains(next) || Self.others.contains(next)
                let module = isOne && place + 2 < tokens.count ? tokens[place + 2] : next
                imports.insert(String(module))
            case _ where Self.types.contains(token) || token == "func":
                if Self.isName(next), last != ".", last != "import" {
                    own.insert(String(next))
                    if depth == 0, !isPrivate { declared.insert(String(next)) }
                }
                isPrivate = false
            case _ where Self.others.contains(token):
                isPrivate = false
            default:
                let isType = token.first?.isUppercase == true
                if Self.isName(token), last != ".", isType || next == "(" {
                    used.insert(String(token))
                }
            }
        }
        used.subtract(own)
    }

    private static func isName(_ token: Substring) -> Bool {
        token.first.map { $0.isLetter || $0 == "_" } ?? false
    }

    /// Names, and the signs that matter between them.
    private static func tokens(_ code: [UInt8]) -> [Substring] {
        let text = String(decoding: code, as: UTF8.self)
        var tokens: [Substring] = []
        var rest = text.utf8[...]
        func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                true
            default: false
            }
        }
        while let byte = rest.first {
            if isPart(byte) {
                let word = rest.prefix(while: isPart)
                tokens.append(Substring(word))
                rest = rest[word.endIndex...]
            } else {
                if !" \n\t`".utf8.contains(byte) { tokens.append(Substring(rest.prefix(1))) }
                rest = rest.dropFirst()
            }
        }
        return tokens
    }
}
