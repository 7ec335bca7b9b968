/// A job's error that may not be worth a retry.
package protocol PermanentFailure: Error {
    /// Whether another attempt would fail as well.
    var isPermanent: Bool { get }
}
