import FurrowSystem

/// One mistake in a configuration file, with its position and, if known, the remedy.
///
/// Its ``description`` is what a user should see:
///
///     sweep.yaml:7:5: unknown key 'modle' in 'benchmark'; did you mean 'model'? (valid: data, model)
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file as the user named it.
    public var file: String
    /// The line, counted from 1; nil if the mistake concerns the whole file.
    public var line: Int?
    /// The column, counted from 1 in Unicode scalars; nil when ``line`` is.
    public var column: Int?
    /// What is wrong, without the position and without a full stop.
    public var problem: String
    /// What to do about it, if known.
    public var remedy: String?

    /// Describes a mistake.
    ///
    /// - Parameters:
    ///   - file: The file as the user named it.
    ///   - line: The line, counted from 1.
    ///   - column: The column, counted from 1.
    ///   - problem: What is wrong, without the position and without a full stop.
    ///   - remedy: What to do about it.
    public init(
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        problem: String,
        remedy: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.problem = problem
        self.remedy = remedy
    }

    /// Describes a mistake at a known position.
    ///
    /// - Parameters:
    ///   - file: The file as the user named it.
    ///   - position: Where in the file the mistake is.
    ///   - problem: What is wrong, without the position and without a full stop.
    ///   - remedy: What to do about it.
    public init(
        file: String,
        position: ConfigurationPosition,
        problem: String,
        remedy: String? = nil
    ) {
        self.init(
            file: file,
            line: position.line,
            column: position.column,
            problem: problem,
            remedy: remedy
        )
    }

    /// `file:line:column: problem; remedy`, without the unknown parts.
    public var description: String {
        var text = file
        if let line {
            text += ":\(line)"
            if let column { text += ":\(column)" }
        }
        text += ": \(problem)"
        if let remedy { text += "; \(remedy)" }
        return text
    }
}

extension ConfigurationError: InputFailure {}

extension ConfigurationError {
    /// Makes the errors of one file.
    package struct InFile: Sendable {
        /// The file as the user named it.
        package let file: String

        /// - Parameter file: the file as the user named it.
        package init(_ file: String) { self.file = file }

        /// An error at a position.
        package func callAsFunction(
            _ position: ConfigurationPosition,
            _ problem: String,
            _ remedy: String? = nil
        ) -> ConfigurationError {
            ConfigurationError(file: file, position: position, problem: problem, remedy: remedy)
        }

        /// An error in a value.
        package func callAsFunction(
            _ value: ConfigurationValue,
            _ problem: String,
            _ remedy: String? = nil
        ) -> ConfigurationError {
            self(value.position, problem, remedy)
        }
    }
}
