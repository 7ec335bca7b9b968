import Foundation
import FurrowSystem

/// A parsed configuration file in YAML, or in JSON, which is a subset of YAML.
///
/// A configuration is one document whose root is a mapping. Scalars follow the core schema of
/// YAML 1.2, see ``ConfigurationScalar``. Aliases (`*name`) and merge keys (`<<`) are resolved; in
/// a mapping with a merge key the mapping's own keys win over merged ones, of several merged
/// mappings the earlier one wins, and what is merged takes the place of the `<<`. Tags other than
/// `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` and `!!map` are errors.
public struct Configuration: Sendable {
    /// A larger file is not read.
    public static let maximumByteCount = 4 << 20
    /// A document with more keys and values than this, repeats by aliases included, is an error.
    public static let maximumValueCount = 250_000
    /// A document nested deeper than this is an error.
    public static let maximumDepth = 100

    /// The file as the user named it, for messages.
    public let file: String
    /// The root mapping.
    public let root: ConfigurationValue
    /// What it was parsed from, byte for byte; nil where it was made from another.
    public let text: String?

    /// Reads and parses a file, which may be a pipe: it is read once.
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
    ///   more than one document, too deep or too large, has a root that is no mapping, a key that
    ///   is no text or appears twice, or a tag that is not supported.
    public init(parsing yaml: String, file: String) throws(ConfigurationError) {
        self.file = file
        self.root = try DocumentReader.root(of: yaml, file: file)
        text = yaml
    }

    /// A configuration that was made from another.
    ///
    /// - Parameters:
    ///   - file: The name to use in messages.
    ///   - root: The root mapping.
    public init(file: String, root: ConfigurationValue) {
        self.file = file
        self.root = root
        text = nil
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
                file: file,
                problem: "no such file",
                remedy: "check the path of the configuration"
            )
        case EISDIR:
            ConfigurationError(
                file: file,
                problem: "is a folder, not a file",
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

    private static func notUTF8(_ data: Data, file: String) -> ConfigurationError {
        let isUTF16 = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
        var line: Int?
        if !isUTF16 {
            // The first line that is no UTF-8 by itself holds the first wrong byte, for a line
            // feed is never a part of a longer character.
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
