import Foundation
import FurrowSweeps
import FurrowSystem
import Testing

@testable import FurrowCommands

/// Values that would change a command if they were not quoted.
private let hostile: [[UInt8]] =
    [
        "", " ", "a b", "  two  ", "it's", "''", "\"", "a\"b'c", "$(touch /tmp/owned)", "`id`",
        "$HOME", "${IFS}", ";id", "a;b|c&d", "a\nb", "\n", "trailing\n", "\\", "\\\\", "\\n", "a\\",
        "-n", "--help", "-", "*", "?", "~", "[a]", "{x}", "{", "}}", "#", "a #b", "!", "a=b",
        "%s%d", "\t", "\r\n", "é", "日本", "'; id; '", "\"; id; \"", "\\'; id", "$'\\n'", "<(id)",
        "a[$(id)]", "\u{7F}",
    ].map { Array($0.utf8) } + [[0xFF, 0xFE], [0xC3], Array(1...255)]

private func context(_ bytes: [UInt8]) -> CommandContext {
    CommandContext(parameters: Parameters([Parameter("x", ParameterValue(bytes))]), job: 1)
}

/// What a command prints. Not Foundation's `Process`, whose arguments are text.
private func output(_ arguments: [[UInt8]], _ environment: [[UInt8]] = []) throws -> [UInt8] {
    let path = "/tmp/furrow-test-\(UUID().uuidString)"
    defer { unlink(path) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT, 0o600)
    var child: pid_t = 0
    let result = withCStrings(arguments) { list in
        withCStrings(environment + CommandEnvironment.base) {
            posix_spawn(&child, list[0]!, &actions, nil, list, $0)
        }
    }
    #expect(result == 0)
    waitpid(child, nil, 0)
    return Array(FileManager.default.contents(atPath: path) ?? Data())
}

@Suite(.timeLimit(.minutes(3)))
struct ShellCommandTests {
    private func shell(_ text: String) throws -> CommandTemplate {
        .shell(try CommandTemplate.ShellTemplate(text))
    }

    private func output(of command: CommandTemplate, _ value: [UInt8]) throws -> [UInt8] {
        let context = context(value)
        return try FurrowCommandsTests.output(
            command.arguments(context),
            command.environment(context)
        )
    }

    @Test(arguments: [
        ("printf '%s' {x}", "", ""), ("printf '%s' \"{x}\"", "", ""), ("printf '%s' '{x}'", "", ""),
        ("printf '%s' a{x}b", "a", "b"), ("printf '%s' \"a {x} b\"", "a ", " b"),
        ("printf '%s' 'a \"{x}\" $b'", "a \"", "\" $b"),
        ("printf '%s' 'a'\"b\"{x}'c'", "ab", "c"), ("y={x}; printf '%s' \"$y\"", "", ""),
        ("f() { printf '%s' \"$1\"{x}; }; f -", "-", ""),
        ("( printf '%s' {x} ) # it's {x}", "", ""), ("# it's {x}\nprintf '%s' {x}", "", ""),
        ("printf '%s' \"\\\"{x}\\\\\"", "\"", "\\"), ("printf '%s' \"\\$(\"{x}", "$(", ""),
        ("printf '%s' \"${NONE:-{x}}\"", "", ""), ("set -- a b; printf '%s' {x}$2", "", "b"),
        ("case {x} in *) printf '%s' {x};; esac", "", ""),
    ])
    func aValueArrivesToTheByteWhereverItStands(
        text: String,
        before: String,
        after: String
    ) throws {
        let command = try shell(text)
        for value in hostile {
            let expected = Array(before.utf8) + value + Array(after.utf8)
            #expect(try output(of: command, value) == expected, "\(text) \(value)")
        }
    }

    @Test func aValueArrivesInASubstitution() throws {
        for text in [
            "printf '%s' \"$(printf '%s.' {x})\"", "printf '%s' \"$(printf '%s.' \"{x}\")\"",
            "printf '%s' \"$(printf '%s.' '{x}')\"",
        ] {
            let command = try shell(text)
            for value in hostile {
                #expect(
                    try output(of: command, value) == value + [UInt8(ascii: ".")],
                    "\(text) \(value)"
                )
            }
        }
    }

    @Test func theLineThatIsShownDoesTheSame() throws {
        for text in [
            "printf '%s' {x}", "printf '%s' \"-{x}-\"", "printf '%s' '-{x}-'", "printf y # {x}",
            "printf '%s' \"$(printf '%s.' \"{x}\")\"",
        ] {
            let command = try shell(text)
            for value in hostile {
                let line =
                    [Array("/bin/sh".utf8), Array("-c".utf8)] + [
                        command.commandLine(context(value))
                    ]
                #expect(
                    try FurrowCommandsTests.output(line) == output(of: command, value),
                    "\(text) \(value)"
                )
            }
        }
    }

    @Test func aListIsGivenAsItIs() throws {
        let command = CommandTemplate.list(
            ["/usr/bin/printf", "%s|", "<{x}>", "{x}"].map { [Template($0)] }
        )
        for value in hostile {
            let expected = [0x3C] + value + [0x3E, 0x7C] + value + [0x7C]
            #expect(try output(of: command, value) == expected)
        }
    }

    @Test func aTaskIsTheCommandItself() throws {
        let line = Array("printf '%s' $((1+1)) '".utf8) + [0xFF] + Array("'".utf8)
        #expect(try output(of: .line(), line) == [UInt8(ascii: "2"), 0xFF])
    }

    @Test func aCommandsOwnVariablesAndBracesStay() throws {
        let command = try shell(
            "A=1; printf '%s|' \"${A}\" $((A + 1)); echo y | awk '{ print $1 }'"
        )
        #expect(try output(of: command, []) == Array("1|2|y\n".utf8))
    }

    @Test(arguments: [
        ("echo `echo {x}`", "$(…)"), ("echo $(( {x} + 1 ))", "expr"),
        ("cat <<EOF\n{x}\nEOF", "here-document"), ("echo \\{x}", "backslash"),
        ("echo $'a' {x}", "printf"), ("echo \"$(case a in a) echo {x};; esac)\"", "case"),
        ("echo '{x}", "closed"), ("echo \"{x}", "closed"), ("echo $(echo {x}", "closed"),
    ])
    func aPlaceWithoutSafeQuotesIsRefused(text: String, reason: String) {
        let error = #expect(throws: TemplateError.self) { try shell(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
