import SystemPackage

// Foundation's own ways to take a path apart trap on some of one character.
extension String {
    /// The folder that a path leads into: all but its last component; empty for a name alone.
    package var folderOfPath: String { FilePath(self).removingLastComponent().string }

    /// A path's last component; empty where it has none.
    package var nameOfPath: String { FilePath(self).lastComponent?.string ?? "" }

    /// A path's last component without its extension.
    package var stemOfPath: String { FilePath(self).stem ?? "" }
}
