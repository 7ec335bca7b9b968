/// One thing that needs another: a target or a folder, and where that is seen.
struct Arrow: Hashable, CustomStringConvertible {
    let from: String
    let to: String
    /// What shows it, with the files.
    let evidence: String

    var description: String { "\(from) → \(to): \(evidence)" }

    /// A way along arrows that ends where it began; `nil` where there is none.
    static func cycle(in arrows: [Arrow]) -> [Arrow]? {
        let outgoing = Dictionary(grouping: arrows, by: \.from)
        var isDone: Set<String> = []
        var way: [Arrow] = []
        func search(_ place: String) -> [Arrow]? {
            if isDone.contains(place) { return nil }
            for arrow in outgoing[place] ?? [] {
                way.append(arrow)
                if let start = way.firstIndex(where: { $0.from == arrow.to }) {
                    return Array(way[start...])
                }
                if let found = search(arrow.to) { return found }
                way.removeLast()
            }
            isDone.insert(place)
            return nil
        }
        for place in outgoing.keys.sorted() {
            if let found = search(place) { return found }
        }
        return nil
    }

    /// The arrows between the folders of one target, the first that is seen of each.
    static func betweenFolders(of files: [SourceFile]) -> [Arrow] {
        var home: [String: SourceFile] = [:]
        for file in files { for name in file.declared { home[name] = file } }
        var arrows: [String: Arrow] = [:]
        for file in files.sorted(by: { $0.path < $1.path }) {
            for name in file.used.sorted() {
                guard let other = home[name], other.folder != file.folder else { continue }
                let key = "\(file.folder) \(other.folder)"
                guard arrows[key] == nil else { continue }
                arrows[key] = Arrow(
                    from: file.folder,
                    to: other.folder,
                    evidence: "\(file.path) uses \(name) of \(other.path)"
                )
            }
        }
        return arrows.values.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }
}
