import SystemPackage

// Foundation's own path functions crash on some paths of one character.
extension String {
    /// The folder of a path: all but its last component; empty for a bare name.
    package var folderOfPath: String { FilePath(self).removingLastComponent().string }

    /// A path's last component; empty if it has none.
    package var nameOfPath: String { FilePath(self).lastComponent?.string ?? "" }

    /// A path's last component without its extension.
    package var stemOfPath: String { FilePath(self).stem ?? "" }
}
