import CLinux
import FurrowSystem
import Glibc
import SystemPackage

/// Starts processes, each in its own process group, with default signals and only three inherited
/// descriptors.
struct Spawner {
    /// Why a command could not be started.
    struct Problem: Error, CustomStringConvertible {
        let description: String
        /// Whether it may succeed later.
        var isShortage = false
    }

    /// The most bytes of one argument or variable, its NUL among them: 32 pages.
    static let longestString = 131_072

    private static let standardPath = "/usr/local/bin:/usr/bin:/bin"

    private let null = try? OpenFile("/dev/null")
    /// The files of the last command; the next one mostly uses the same.
    private var output: OpenFile?
    private var errors: OpenFile?

    mutating func start(_ request: ProcessRequest) -> Result<pid_t, Problem> {
        guard let program = request.arguments.first, !program.isEmpty else {
            return .failure(Problem(description: "the command is empty"))
        }
        do {
            try Self.open(request.output, &output)
            try Self.open(request.errors, &errors)
        } catch {
            return .failure(
                Problem(description: "\(error)", isShortage: Shortage.isMeant(by: error.code))
            )
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [null, output, errors].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file?.number ?? -1, Int32(number))
        }
        if let directory = request.directory {
            (directory + [0]).withCString { _ = clinux_add_directory(&actions, $0) }
        }
        clinux_add_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )
        var code = ENOENT
        for path in candidates(program, request) {
            var process = pid_t()
            func spawn(_ path: [UInt8], _ arguments: [[UInt8]]) -> Int32 {
                withCStrings(arguments) { arguments in
                    withCStrings(request.environment) { environment in
                        (path + [0]).withCString {
                            posix_spawn(
                                &process,
                                $0,
                                &actions,
                                &attributes,
                                arguments,
                                environment
                            )
                        }
                    }
                }
            }
            var result = spawn(path, request.arguments)
            if result == ENOEXEC {
                // A script without a `#!` line: run it by a shell, as shells and execvp do.
                let shell = Array("/bin/sh".utf8)
                result = spawn(shell, [shell, path] + request.arguments.dropFirst())
            }
            if result == 0 { return .success(process) }
            if Shortage.isMeant(by: result) {
                code = result
                break
            }
            if result != ENOENT && result != ENOTDIR || code == ENOENT { code = result }
        }
        return .failure(problem(of: request, code))
    }

    /// Closes the files of the last command, which will be replaced.
    mutating func forgetFiles() {
        (output, errors) = (nil, nil)
    }

    /// Opens a file for appending, unless it is the one that is open.
    private static func open(_ path: String, _ file: inout OpenFile?) throws(FileError) {
        if path == file?.path { return }
        file = nil
        file = try OpenFile(path, .writeOnly, [.create, .append])
    }

    /// The paths to try for a program.
    private func candidates(_ program: [UInt8], _ request: ProcessRequest) -> [[UInt8]] {
        if program.contains(UInt8(ascii: "/")) { return [program] }
        let prefix = Array("PATH=".utf8)
        let path =
            request.environment.last { $0.starts(with: prefix) }.map { Array($0.dropFirst(5)) }
            ?? Array(Self.standardPath.utf8)
        // A folder that is not absolute, and the empty one, is meant from where the command runs.
        let slash = UInt8(ascii: "/")
        let base = request.directory.map { $0 + [slash] } ?? []
        return path.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { ($0.isEmpty ? [UInt8(ascii: ".")] : $0) + [slash] + program }
            .filter { candidate in
                let place = candidate.first == slash ? candidate : base + candidate
                return (place + [0]).withCString { access($0, F_OK) } == 0
            }
    }

    /// What the first line of a script names; `nil` for no script, and for a file that is not there.
    private func interpreter(of path: [UInt8]) -> String? {
        let descriptor = (path + [0]).withCString {
            try? FileDescriptor.open(
                $0,
                .readOnly,
                options: [.closeOnExec, .nonBlocking],
                retryOnInterrupt: false
            )
        }
        let file = descriptor.map {
            OpenFile($0.rawValue, as: String(decoding: path, as: UTF8.self))
        }
        guard let bytes = try? file?.read(256, at: 0), bytes.starts(with: Array("#!".utf8)) else {
            return nil
        }
        let line = bytes[2...].prefix { $0 != UInt8(ascii: "\n") }
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return words.first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// What of a request is too long.
    private func excess(of request: ProcessRequest) -> String {
        let strings = request.arguments + request.environment
        let longest = strings.max { $0.count < $1.count } ?? []
        if longest.count >= Self.longestString {
            let isArgument = request.arguments.contains(longest)
            let name = longest.prefix { $0 != UInt8(ascii: "=") }
            let what =
                isArgument
                ? "an argument" : "the variable \(String(decoding: name, as: UTF8.self))"
            return "\(what) is too long: \(longest.count) bytes, the system's limit is "
                + "\(Self.longestString - 1); pass it in a file"
        }
        let total = strings.reduce(0) { $0 + $1.count + 1 + MemoryLayout<Int>.size }
        return "arguments and environment are too long: \(total) bytes, the system's limit is "
            + "\(sysconf(Int32(_SC_ARG_MAX))); pass them in a file"
    }

    private func problem(of request: ProcessRequest, _ code: Int32) -> Problem {
        if let directory = request.directory {
            if directory.isEmpty {
                return Problem(description: "its directory is an empty text")
            }
            let isThere = (directory + [0]).withCString { access($0, X_OK) } == 0
            if !isThere {
                return Problem(
                    description: "\(FileError(String(decoding: directory, as: UTF8.self)))"
                )
            }
        }
        let program = String(decoding: request.arguments[0], as: UTF8.self)
        if code == ENOENT, let path = candidates(request.arguments[0], request).first,
            let interpreter = interpreter(of: path)
        {
            let isWindows = interpreter.hasSuffix("\r")
            let name = isWindows ? String(interpreter.dropLast()) + "\\r" : interpreter
            return Problem(
                description: "\(program): its interpreter '\(name)' is missing"
                    + (isWindows ? ", because its lines end as on Windows; use dos2unix" : ""),
                isShortage: false
            )
        }
        if code == E2BIG { return Problem(description: "\(program): \(excess(of: request))") }
        let isSearched = code == ENOENT && !program.contains("/")
        let reason = isSearched ? "not found in PATH" : String(cString: strerror(code))
        return Problem(
            description: "\(program): \(reason)",
            isShortage: Shortage.isMeant(by: code)
        )
    }
}

extension [UInt8] {
    /// Lends bytes that end in a NUL as a string of C.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        precondition(last == 0, "a string of C ends in a NUL")
        return withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let base = characters.baseAddress else {
                    preconditionFailure("an array with a NUL in it has an address")
                }
                return body(base)
            }
        }
    }
}
