/// The library's version, as `--version` shows it.
public let version = "0.1.0"
