import Glibc

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
        guard isLaunched else { return Terminal(of: STDOUT_FILENO) }
        let output = open("/proc/\(Keeper.launcher)/fd/1", O_WRONLY | O_NOCTTY | O_NONBLOCK)
        guard output >= 0 else { return nil }
        defer { close(output) }
        return Terminal(of: output)
    }

    private init?(of descriptor: Int32) {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        columns = known ? Int(size.ws_col) : 80
    }
}
