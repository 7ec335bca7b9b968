import Foundation
import FurrowSystem

/// A parsed configuration file in YAML, or in JSON, which is a subset of YAML.
///
/// A configuration is one document whose root is a mapping. Scalars follow the core schema of YAML
/// 1.2, see ``ConfigurationScalar``. Aliases (`*name`) and merge keys (`<<`) are resolved. In a
/// mapping with a merge key its own keys win over merged ones, an earlier merged mapping wins over
/// a later one, and merged keys take the place of the `<<`. Tags other than `!!str`, `!!int`,
/// `!!float`, `!!bool`, `!!null`, `!!seq` and `!!map` are errors.
public struct Configuration: Sendable {
    /// The most bytes of a file; a larger file is an error.
    public static let maximumByteCount = 4 << 20
    /// A document with more keys and values than this, repeats by aliases included, is an error.
    public static let maximumValueCount = 250_000
    /// A document nested deeper than this is an error.
    public static let maximumDepth = 100

    /// The file as the user named it, for messages.
    public let file: String
    /// The root mapping.
    public let root: ConfigurationValue
    /// The parsed text, byte for byte; nil for a configuration made from another one.
    public let text: String?

    /// Reads and parses a file. It is read once, so it may be a pipe.
    ///
    /// - Parameter path: The path of a file in UTF-8.
    /// - Throws: A ``ConfigurationError`` if the file is missing, a folder, not readable, larger
    ///   than ``maximumByteCount`` or not UTF-8, and for everything
    ///   ``init(parsing:file:)`` throws.
    public init(contentsOf path: String) throws(ConfigurationError) {
        try self.init(parsing: Self.text(ofFile: path), file: path)
    }

    /// Parses a text.
    ///
    /// - Parameters:
    ///   - yaml: The text of the document.
    ///   - file: The name to use in messages.
    /// - Throws: A ``ConfigurationError`` with its position if the text is not valid YAML, empty,
    ///   more than one document, too deep or too large, has a root that is not a mapping, a key
    ///   that is not text or appears twice, or an unsupported tag.
    public init(parsing yaml: String, file: String) throws(ConfigurationError) {
        self.file = file
        self.root = try DocumentReader.root(of: yaml, file: file)
        text = yaml
    }

    /// A configuration made from another one.
    ///
    /// - Parameters:
    ///   - file: The name to use in messages.
    ///   - root: The root mapping.
    public init(file: String, root: ConfigurationValue) {
        self.file = file
        self.root = root
        text = nil
    }

    /// A configuration without keys, for a program that was given none.
    package static func empty(called file: String) -> Configuration {
        let start = ConfigurationPosition(line: 1, column: 1)
        return Configuration(file: file, root: ConfigurationValue(.mapping([]), at: start))
    }

    /// Decodes the value of a key.
    ///
    ///     let device = try configuration.decode(String.self, at: "accelerator") ?? "cpu"
    ///
    /// - Parameters:
    ///   - type: the type to decode.
    ///   - key: a top-level key, or a path with dots: `data.path`.
    /// - Returns: the value; `nil` if there is no such key.
    /// - Throws: a ``ConfigurationError`` with the position of what is wrong.
    public func decode<Value: Decodable>(
        _ type: Value.Type,
        at key: String
    ) throws(ConfigurationError) -> Value? {
        let path = key.split(separator: ".").map { String($0) }
        var value = root
        for name in path {
            guard let next = value[name] else { return nil }
            value = next
        }
        return try ConfigurationDecoder(file: file).decode(type, from: value, at: path)
    }

    /// Whether there is a value at a key.
    ///
    /// - Parameter key: a top-level key, or a path with dots.
    public func contains(_ key: String) -> Bool {
        var value = root
        for name in key.split(separator: ".") {
            guard let next = value[String(name)] else { return false }
            value = next
        }
        return true
    }

    private static func text(ofFile path: String) throws(ConfigurationError) -> String {
        let data: Data
        do {
            data = Data(try InputFile.read(path, limit: maximumByteCount + 1))
        } catch {
            throw unreadable(error, file: path)
        }
        if data.count > maximumByteCount {
            throw ConfigurationError(
                file: path,
                problem: "the file is larger than \(maximumByteCount >> 20) MiB",
                remedy: "check that it is a configuration file"
            )
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw notUTF8(data, file: path)
        }
        return text
    }

    private static func unreadable(_ error: FileError, file: String) -> ConfigurationError {
        switch error.code {
        case ENOENT, ENOTDIR:
            ConfigurationError(
                file: file.isEmpty ? "''" : file,
                problem: "no such file",
                remedy: remedy(ofMissing: file)
            )
        case EISDIR:
            ConfigurationError(
                file: file,
                problem: "this is a folder, not a file",
                remedy: "name a configuration file inside it"
            )
        case EACCES, EPERM:
            ConfigurationError(
                file: file,
                problem: "the file cannot be read",
                remedy: "check that you have permission to read it"
            )
        default:
            ConfigurationError(
                file: file,
                problem: "the file cannot be read: \(String(cString: strerror(error.code)))"
            )
        }
    }

    private static func remedy(ofMissing file: String) -> String {
        if file.isEmpty { return "is a variable of the shell unset?" }
        if file == "-" { return "standard input is /dev/stdin" }
        if file.hasPrefix("/dev/fd/") || file.hasPrefix("/proc/self/fd/") {
            return "mpirun does not hand a shell's <(…) on; write it to a file, or use /dev/stdin"
        }
        return "check the path of the configuration"
    }

    private static func notUTF8(_ data: Data, file: String) -> ConfigurationError {
        let isUTF16 = TextEncoding.isUTF16(data)
        var line: Int?
        if !isUTF16 {
            // The first line that is not UTF-8 by itself has the first wrong byte, because a line
            // feed is never part of a longer character.
            let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
        }
        return ConfigurationError(
            file: file,
            line: line,
            problem: isUTF16 ? "the file is UTF-16, not UTF-8" : "the file is not UTF-8 text",
            remedy: "save it as UTF-8"
        )
    }
}
