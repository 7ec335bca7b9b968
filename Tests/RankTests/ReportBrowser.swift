import Foundation
import Furrow
import TestSupport
import Testing

/// A report opened in a browser without a window, and what a script finds there.
enum ReportBrowser {
    /// Why no report can be opened.
    static var obstacle: String? {
        (try? Subprocess.run(["chromium", "--version"], limit: 60)) == nil
            ? "chromium is not installed: make browser" : nil
    }

    /// What was found.
    struct Finding {
        /// What the script returned.
        let value: [String: Any]
        /// Errors of the page's scripts, and what its policy forbade.
        let problems: [String]
        /// What the browser asked for besides the page.
        let requests: [String]

        subscript(name: String) -> String { value[name].map { "\($0)" } ?? "" }
    }

    /// Opens a copy of a report with two more scripts: one before all others, which notes what goes
    /// wrong, and one behind them.
    ///
    /// - Parameters:
    ///   - report: the report's text.
    ///   - script: the body of an asynchronous function in JavaScript that returns an object.
    ///   - width: of the window, in pixels.
    static func open(
        _ report: String,
        width: Int = 1280,
        _ script: String
    ) throws -> Finding {
        let nonce = try #require(report.firstMatch(of: /script-src 'nonce-([0-9a-f]+)'/)).1
        let first = """
            <script nonce="\(nonce)">
            const problems = [];
            addEventListener("error", (event) => problems.push(`error: ${event.message}`));
            addEventListener("unhandledrejection", (event) => problems.push(`${event.reason}`));
            addEventListener("securitypolicyviolation", (event) =>
              problems.push(`${event.violatedDirective} ${event.blockedURI}`));
            console.error = (...texts) => problems.push(`console: ${texts.join(" ")}`);
            </script>
            """
        let last = """
            <script nonce="\(nonce)">
            (async () => {
              let value = {};
              try { value = await (async () => { \(script) })(); }
              catch (problem) { problems.push(`probe: ${problem.stack || problem}`); }
              const requests = performance.getEntriesByType("resource").map((entry) => entry.name);
              const text = JSON.stringify({ value, problems, requests });
              const bytes = new TextEncoder().encode(text);
              const found = document.createElement("pre");
              found.id = "probe";
              found.textContent = btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
              document.body.append(found);
            })();
            </script>
            """
        let head = try #require(report.firstRange(of: "</title>"))
        let end = try #require(report.ranges(of: "</body>").last)
        let page =
            report[..<head.upperBound] + first + report[head.upperBound..<end.lowerBound] + last
            + report[end.lowerBound...]
        let scratch = try Scratch()
        try scratch.write(String(page), to: "report.html")
        let run = try Execution.run(
            [
                "timeout", "150", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--user-data-dir=\(scratch.path)/profile",
                "--window-size=\(width),2000", "--virtual-time-budget=20000", "--dump-dom",
                "file://\(scratch.path)/report.html".replacing(" ", with: "%20"),
            ],
            limit: 170
        )
        let found = try #require(
            run.output.firstMatch(of: /<pre id="probe">([^<]*)</),
            "the page says nothing: \(run.output.suffix(500)) \(run.errors.suffix(2000))"
        )
        let data = try #require(Data(base64Encoded: String(found.1)))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return Finding(
            value: object?["value"] as? [String: Any] ?? [:],
            problems: object?["problems"] as? [String] ?? ["nothing"],
            requests: object?["requests"] as? [String] ?? ["nothing"]
        )
    }
}
