import Glibc
import SystemPackage

/// The terminal that shows a rank's output.
///
/// Under mpirun a rank's standard output is a pseudo terminal of size 0×0, even if the user
/// redirects mpirun's output. So the output of the launcher decides.
package struct Terminal: Sendable {
    /// Its width in columns.
    package let columns: Int

    /// The terminal behind standard output; `nil` if it is a file or a pipe.
    ///
    /// - Parameter isLaunched: whether a launcher started this process.
    package static func behindStandardOutput(isLaunched: Bool) -> Terminal? {
        guard isLaunched else { return Terminal(of: .standardOutput) }
        let options = FileDescriptor.OpenOptions(rawValue: O_NOCTTY | O_NONBLOCK)
        let output = try? OpenFile("/proc/\(Keeper.launcher)/fd/1", .writeOnly, options)
        return output.flatMap(Terminal.init(of:))
    }

    private init?(of file: OpenFile) {
        guard isatty(file.number) == 1 else { return nil }
        var size = winsize()
        let known = ioctl(file.number, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        columns = known ? Int(size.ws_col) : 80
    }
}
