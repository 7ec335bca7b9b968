import Testing

@testable import FurrowSweeps

@Suite struct TemplateTests {
    private func render(_ text: String, _ values: (String, String)...) -> String {
        var context = CommandContext(
            parameters: Parameters(
                values.map { Parameter($0.0, ParameterValue(Array($0.1.utf8))) }
            ),
            job: 7
        )
        context.taskID = 2
        context.device = "3"
        context.attempt = 4
        context.runDirectory = "/run"
        context.previousResults = "/results"
        return String(decoding: Template(text).render(context), as: UTF8.self)
    }

    @Test func placesAreFilled() {
        #expect(render("{a}-{b.c}", ("a", "1"), ("b.c", "2")) == "1-2")
        #expect(
            render("{job} {task_id} {device} {attempt} {run_dir} {previous_results}")
                == "7 2 3 4 /run /results"
        )
        #expect(render("{#} {%}") == "7 3")
    }

    @Test(arguments: [
        ("{{a}}", "{a}"), ("{", "{"), ("}", "}"), ("{}}", "v}"), ("{ a }", "{ a }"),
        (#"{"k": {"l": 1}}"#, #"{"k": {"l": 1}}"#),
        (#"{{"k": {{"l": {a}}}}}"#, #"{"k": {"l": v}}"#),
        ("{print $1}", "{print $1}"), ("a{a", "a{a"), ("{1}", "{1}"),
    ])
    func otherBracesStay(text: String, expected: String) {
        #expect(render(text, ("a", "v")) == expected)
    }

    @Test(arguments: [
        ("dir/sub/a.tar.gz", "dir/sub/a.tar", "a.tar.gz", "dir/sub", "a.tar"),
        ("plain", "plain", "plain", ".", "plain"), ("/root.x", "/root", "root.x", "/", "root"),
        (".hidden", ".hidden", ".hidden", ".", ".hidden"),
        ("d.d/file", "d.d/file", "file", "d.d", "file"), ("", "", "", ".", ""),
    ])
    func partsOfPathsAreGNUParallels(
        path: String,
        stem: String,
        file: String,
        folder: String,
        name: String
    ) {
        #expect(
            render("{}|{.}|{/}|{//}|{/.}", ("x", path))
                == [path, stem, file, folder, name].joined(separator: "|")
        )
    }

    /// A column's name may be any text.
    @Test func aNameInBracketsIsAnyColumns() throws {
        let parameters = ("d.long \"text\"", "v")
        #expect(render(#"{d["long "text""]}"#, parameters) == "v")
        for literal in [
            #"{d[long]} {1["a"]} {d["a"] {d["a"]b} {d["a"]"#, #"{d["a"]++; d["b"]} {d["c"]?b}"#,
        ] {
            #expect(render(literal, parameters) == literal)
        }
        for (text, name) in [
            (#"{d["e}f"]}"#, "d.e}f"), (#"{d[""]}"#, "d."), (#"{["a b"]}"#, "a b"),
            (#"{["1a"]}"#, "1a"), (#"{d.e["a {b"]}"#, "d.e.a {b"),
        ] {
            #expect(render("<\(text)>", (name, "v")) == "<v>", "\(text)")
            try Template(text).check([name])
            #expect(Template(text).names(among: []) == [name])
            let option = text.dropLast() + "?}"
            #expect(Template(String(option)).segments == [.option(.name(name))])
        }
    }

    @Test(arguments: [
        ("d.long text", "{d.long text}", #"{d["long text"]}"#),
        ("d.long text", "{d[long text]}", #"{d["long text"]}"#),
        ("d.long text", "{d['long text']}", #"{d["long text"]}"#),
        ("a b", "{a b}", #"{["a b"]}"#), ("1a", "{['1a']}", #"{["1a"]}"#),
        ("a b.c", "{a b.c}", #"{["a b.c"]}"#),
    ])
    func aNameThatNeedsBracketsIsToldSo(name: String, text: String, remedy: String) throws {
        let error = #expect(throws: TemplateError.self) { try Template("x \(text)").check([name]) }
        #expect(error?.remedy == "write \(remedy)")
        #expect(render(remedy, (name, "v")) == "v")
    }

    @Test func unknownNamesAreRefused() {
        let error = #expect(throws: TemplateError.self) { try Template("{modle}").check(["model"]) }
        #expect(error?.description.contains("did you mean 'model'?") == true)
        #expect(throws: TemplateError.self) { try Template("{}").check(["a", "b"]) }
        #expect(throws: TemplateError.self) { try Template("{}").check([]) }
        #expect(throws: Never.self) { try Template("{} {job} {#}").check(["a"]) }
    }
}
