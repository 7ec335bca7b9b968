import Foundation

/// The environment that this process was started with, by name.
package func processEnvironment() -> [String: String] { ProcessInfo.processInfo.environment }
