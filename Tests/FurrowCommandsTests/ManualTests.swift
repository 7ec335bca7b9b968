import Foundation
import Furrow
import TestSupport
import Testing

@testable import FurrowCommands
@testable import FurrowSweeps

/// The pages of `furrow help` and of the manual.
@Suite struct ManualTests {
    private static let source = """
        # Title

        What it is,
        in short.

        ## Overview

        Some `code`, **more** and a [link](doc:Page) of text
        that goes on.

        ## A part

        - One `` `x` `` thing
          that goes on
        - Another

        | a | b |
        |---|---|
        | `x|y` | 1 |
        | longer | it's 2 |

        ```sh
        .hidden 'quoted' \\n

        last
        ```
        """

    @Test func aPageIsReadInItsParts() {
        let page = MarkdownPage(Self.source)
        #expect(page.title == "Title")
        #expect(page.abstract == "What it is, in short.")
        let texts = page.blocks.map { block -> String in
            switch block {
            case .heading(_, let line): "heading \(line.text)"
            case .paragraph(let line): "paragraph \(line.text)"
            case .item(let mark, let line): "item \(mark) \(line.text)"
            case .code(let lines): "code \(lines.count)"
            case .table(let rows): "table \(rows.map { $0.map(\.text) })"
            }
        }
        #expect(
            texts == [
                "paragraph Some code, more and a link of text that goes on.", "heading A part",
                "item - One `x` thing that goes on", "item - Another",
                #"table [["a", "b"], ["x|y", "1"], ["longer", "it\'s 2"]]"#, "code 3",
            ]
        )
    }

    @Test func aTerminalShowsIt() {
        let text = PlainText(width: 30).render(MarkdownPage(Self.source))
        #expect(
            text == """
                TITLE

                What it is, in short.

                Some code, more and a link of
                text that goes on.

                A PART

                - One `x` thing that goes on
                - Another

                    a
                        b
                    x|y
                        1
                    longer
                        it's 2

                    .hidden 'quoted' \\n

                    last

                """
        )
    }

    @Test func theManualShowsIt() {
        let page = ManualPage(name: "furrow-x", version: "1", others: ["furrow(1)"])
            .render(MarkdownPage(Self.source))
        #expect(page.hasPrefix("'\\\" t\n.TH FURROW-X 5 \"\" \"Furrow 1\""))
        #expect(page.contains("furrow\\-x \\- What it is, in short.\n"))
        #expect(page.contains("Some \\fBcode\\fR, \\fBmore\\fR and a link of text"))
        #expect(page.contains("\\&.hidden \\(aqquoted\\(aq \\en\n\nlast\n.EE"))
        #expect(page.contains("\\fBx|y\\fR\tT{\n1\nT}\n"))
        #expect(page.hasSuffix(".SH SEE ALSO\n.BR furrow (1)\n"))
    }

    @Test(arguments: ManualTopic.allCases)
    func aTopicFitsATerminal(topic: ManualTopic) {
        let lines = topic.text(width: 80).split(separator: "\n")
        #expect(lines.count > 50)
        for line in lines where !line.hasPrefix("    ") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    private static let groff = ["/usr/bin/groff", "/usr/local/bin/groff"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
        .enabled(if: groff != nil, "groff is not installed"),
        .timeLimit(.minutes(2)),
        arguments: ManualTopic.allCases
    )
    func groffHasNothingToSayOfAPage(topic: ManualTopic) throws {
        let folder = try TemporaryFolder.make()
        defer { TemporaryFolder.remove(folder) }
        let page = "\(folder)/page.5"
        try Data(topic.roff(version: "1").utf8).write(to: URL(fileURLWithPath: page))
        let script = "\"$0\" -k -t -man -Tutf8 -ww \"$1\" 2>&1 >\"$1.txt\""
        let groff = try #require(Self.groff)
        let said = try Subprocess.run(["sh", "-c", script, groff, page], limit: 60)
        #expect(said.output == "")
        let text = try String(contentsOfFile: "\(page).txt", encoding: .utf8)
        #expect(text.split(separator: "\n").count > 50)
    }

    /// The book names all that there is.
    @Test func everyKeyOfASweepFileIsInTheBook() {
        let text = ManualTopic.sweep.text(width: 1000)
        for key in SweepReader.stageKeys + ParameterReader.kinds + ["zip", "stages"] {
            #expect(text.contains(key), "'\(key)' is missing")
        }
        for name in Template.builtIn {
            #expect(text.contains("{\(name)}"), "'{\(name)}' is missing")
        }
        for path in Template.Path.allCases {
            #expect(text.contains("{\(path.rawValue)}"), "'{\(path.rawValue)}' is missing")
        }
    }
}
