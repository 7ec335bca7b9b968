public import ArgumentParser

// Types of the lower targets that stand on the command line as they are.

extension TimeSpan: ExpressibleByArgument {}

extension Schedule: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension FailurePolicy: ExpressibleByArgument {}

extension DeviceKind: ExpressibleByArgument {
    public var defaultValueDescription: String { rawValue }
}
