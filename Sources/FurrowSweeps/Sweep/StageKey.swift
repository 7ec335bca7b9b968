/// The keys of a stage in a sweep file.
package enum StageKey: String, Sendable, CaseIterable {
    case name, command, parameters, include, exclude, tasks
    case nullSeparated = "null-separated"
    case only, shard, results, timeout, retries
    case retryDelay = "retry-delay"
    case retryOn = "retry-on"
    case success, setup, teardown
    case nodeSetup = "node-setup"
    case nodeTeardown = "node-teardown"
    case delay
    case outputLimit = "output-limit"
    case env, directory, shell, bind, stages
}

/// The keys of a metric under `results`.
enum MetricKey: String, CaseIterable {
    case regex, number, json, key, required
}
