import ArgumentParser

/// The value of `--quarantine`: after how many failures in a row a worker is suspected.
struct QuarantineLimit: ExpressibleByArgument {
    /// `nil`: never.
    var failures: Int?

    init(failures: Int?) { self.failures = failures }

    init?(argument: String) {
        if argument == "never" {
            failures = nil
        } else if let number = Int(argument), 1...1_000_000 ~= number {
            failures = number
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { failures.map { "\($0)" } ?? "never" }
}
