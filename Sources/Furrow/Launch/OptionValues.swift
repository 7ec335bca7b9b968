public import ArgumentParser

// Types of lower targets that are used directly as values of options.

extension TimeSpan: ExpressibleByArgument {}

extension Schedule: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension FailurePolicy: ExpressibleByArgument {}

extension LossPolicy: ExpressibleByArgument {}

extension Isolation: ExpressibleByArgument {}

extension DeviceKind: ExpressibleByArgument {
    public var defaultValueDescription: String { rawValue }
}
