extension Duration {
    /// The duration in seconds.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// Whole nanoseconds; more than 292 years become the largest number, or the smallest.
    package var nanoseconds: Int { Int(clamping: attoseconds / 1_000_000_000) }
}
