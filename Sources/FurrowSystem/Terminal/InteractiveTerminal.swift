import Glibc

/// The terminal of this process, for a program that draws on all of it and reads single keys.
package final class InteractiveTerminal {
    /// A key.
    package enum Key: Sendable, Hashable {
        case up, down, enter, interrupt
        case character(Character)
    }

    private var before = termios()
    private var isRaw = false

    /// - Returns: `nil` where standard input or output is no terminal, or one without a cursor.
    package init?(_ abilities: TerminalAbilities) {
        guard abilities.movesCursor, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
            tcgetattr(STDIN_FILENO, &before) == 0
        else { return nil }
    }

    deinit { leave() }

    /// Takes the whole screen, and keys as they are pressed.
    package func enter() {
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        isRaw = true
        OpenFile.standardOutput.say("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives the screen back as it was.
    package func leave() {
        guard isRaw else { return }
        isRaw = false
        OpenFile.standardOutput.say("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
    }

    /// Its size now: it may change at any time.
    package var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws lines from the top, and clears what is below.
    package func draw(_ lines: [String]) {
        let text = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        OpenFile.standardOutput.say("\u{1B}[H\(text)\u{1B}[J")
    }

    /// The next key; `nil` if none is pressed for so long.
    package func key(waiting milliseconds: Int32) -> Key? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, milliseconds) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = (try? OpenFile.standardInput.read(into: &bytes)) ?? 0
        guard count > 0 else { return .interrupt }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        switch text {
        case "\u{1B}[A", "\u{1B}OA": return .up
        case "\u{1B}[B", "\u{1B}OB": return .down
        case "\r", "\n": return .enter
        case "\u{3}", "\u{4}", "\u{1C}": return .interrupt
        default: return text.first.map { .character($0) }
        }
    }
}
