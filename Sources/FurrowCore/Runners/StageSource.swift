/// What a stage's jobs are made from.
package struct StageSource: Sendable {
    /// The section of a configuration.
    package let section: String
    /// Other top-level keys.
    package let sharedKeys: [String]
    /// What each combination of the section's values is, if that is known.
    package let pointType: (any Job.Type)?

    init(_ runner: some Runner) {
        section = runner.section
        sharedKeys = runner.sharedKeys
        pointType = runner.pointType
    }
}
