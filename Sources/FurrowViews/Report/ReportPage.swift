/// The report's page: the data, and the scripts that draw them.
///
/// Nothing in the data can become markup: they are JSON in which no `<` is left, and the scripts make
/// every element themselves, with text as text. The page's policy forbids it the network, and runs only the scripts
/// that have its random number.
struct ReportPage {
    let title: String
    /// JSON.
    let data: String

    var bytes: [UInt8] {
        let nonce =
            String(UInt64.random(in: 0 ... .max), radix: 16)
            + String(UInt64.random(in: 0 ... .max), radix: 16)
        var page: [UInt8] = []
        func add(_ text: String) { page += Array(text.utf8) }
        add(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(Self.escaped(title))</title>
            <style nonce="\(nonce)">

            """
        )
        page += PackageResources.report_css
        add("</style>\n</head>\n<body>\n")
        add("<noscript>This report needs JavaScript, which is in this file.</noscript>\n")
        add("<main id=\"report\"></main>\n")
        add("<script type=\"application/json\" id=\"data\" nonce=\"\(nonce)\">")
        for byte in data.utf8 {
            if byte == UInt8(ascii: "<") { add("\\u003c") } else { page.append(byte) }
        }
        add("</script>\n")
        for script in Self.scripts {
            add("<script nonce=\"\(nonce)\">\n")
            page += script
            add("</script>\n")
        }
        add("</body>\n</html>\n")
        return page
    }

    /// In the order in which one uses another.
    private static var scripts: [[UInt8]] {
        [
            PackageResources.basics_js, PackageResources.data_js, PackageResources.charts_js,
            PackageResources.overview_js, PackageResources.timeline_js,
            PackageResources.results_js, PackageResources.parallel_js,
            PackageResources.plots_js, PackageResources.figures_js, PackageResources.page_js,
        ]
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}
