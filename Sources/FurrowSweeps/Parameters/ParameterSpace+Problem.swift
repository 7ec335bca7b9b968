extension ParameterSpace {
    /// Why the parameters make no space.
    enum Problem: Error, CustomStringConvertible {
        /// More points than can be counted.
        case tooManyPoints
        /// The excludes overlap in too many ways, see ``KeptCombinations``.
        case tooManyOverlaps
        /// Too many axes have points with and points without a parameter that an include sets.
        case tooManyOptions

        /// Whether the excludes are to blame.
        var isOfExcludes: Bool { self == .tooManyOverlaps }

        /// What is wrong.
        var description: String {
            switch self {
            case .tooManyPoints:
                "the parameters have more combinations than can be counted"
            case .tooManyOverlaps:
                "the entries of 'exclude' overlap in too many ways"
            case .tooManyOptions:
                "'include' sets too many parameters that only some values of a grid have"
            }
        }

        /// What to do about it.
        var remedy: String? {
            switch self {
            case .tooManyPoints: nil
            case .tooManyOverlaps:
                "write fewer, or put parameters that are excluded together next to each other"
            case .tooManyOptions: "give them to every value of the grid"
            }
        }
    }
}
