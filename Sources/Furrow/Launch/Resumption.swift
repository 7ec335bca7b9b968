public import ArgumentParser

/// Which run to resume.
public enum Resumption: Sendable, Hashable {
    /// The newest run, of the program's or sweep's name where that is known.
    case newest
    /// A run: its directory, `NAME` for the newest of that name, or `NAME/TIME`.
    case run(String)
}

extension Resumption: ExpressibleByArgument {
    /// A run that is named, whatever it is called.
    public init(argument: String) { self = .run(argument) }
}

extension Resumption: CustomStringConvertible {
    /// As the help shows it.
    public var description: String {
        switch self {
        case .newest: "the newest"
        case .run(let name): name
        }
    }
}
