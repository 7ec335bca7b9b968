/// Commands around the jobs of a stage.
package struct StageHooks: Sendable, Hashable, Codable {
    /// What runs on a worker before its first job.
    package var setup: CommandTemplate?
    /// What runs on a worker after its last job.
    package var teardown: CommandTemplate?
    /// What runs once on a node before its first job.
    package var nodeSetup: CommandTemplate?
    /// What runs once on a node after its last job.
    package var nodeTeardown: CommandTemplate?

    /// None.
    package init() {}

    /// Whether there are none.
    package var isEmpty: Bool { self == StageHooks() }

    /// Whether a node has one of its own.
    package var areOfNodes: Bool { nodeSetup != nil || nodeTeardown != nil }
}
