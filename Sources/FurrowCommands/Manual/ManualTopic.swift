/// A page of the book that is also shown by `furrow help` and as a manual page.
package enum ManualTopic: String, Sendable, CaseIterable {
    /// Sweep files: keys, values, placeholders.
    case sweep
    /// The files of a run.
    case runDirectory = "run-directory"

    /// The name of its page in section 5 of the manual.
    package var pageName: String { "furrow-\(rawValue)" }

    /// The page for a terminal.
    ///
    /// - Parameter width: the most columns of a line, except for code and file names.
    package func text(width: Int) -> String { PlainText(width: width).render(page) }

    /// The page for `man`, with tables for tbl(1).
    ///
    /// - Parameter version: Furrow's version.
    package func roff(version: String) -> String {
        ManualPage(
            name: pageName,
            version: version,
            others: ["furrow(1)"]
                + Self.allCases.filter { $0 != self }.map { "\($0.pageName)(5)" }
        ).render(page)
    }

    private var page: MarkdownPage {
        let bytes =
            switch self {
            case .sweep: PackageResources.SweepFiles_md
            case .runDirectory: PackageResources.TheRunDirectory_md
            }
        return MarkdownPage(String(decoding: bytes, as: UTF8.self))
    }
}
