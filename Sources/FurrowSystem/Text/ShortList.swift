extension Collection where Element == String {
    /// The first of them, and how many more there are: `a, b, c and 7 more`.
    ///
    /// - Parameter most: how many are listed.
    package func listed(most: Int) -> String {
        let shown = prefix(most).joined(separator: ", ")
        return count > most ? "\(shown) and \(count - most) more" : shown
    }
}
