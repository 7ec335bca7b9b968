import FurrowSystem

/// A parameter and its value.
package struct Parameter: Sendable, Hashable, Codable {
    /// The full name, for example `data.category`.
    package let name: String
    /// The value.
    package let value: ParameterValue

    /// - Parameters:
    ///   - name: the full name, with dots if it is nested.
    ///   - value: the value.
    package init(_ name: String, _ value: ParameterValue) {
        self.name = name
        self.value = value
    }
}

/// The parameters of one job, in the order of the sweep file.
package struct Parameters: Sendable, Hashable, Codable {
    /// So many are found faster one by one than by a hash.
    private static let few = 32

    /// The parameters.
    package private(set) var all: [Parameter]
    /// Where each stands, if there are more than a few.
    private var places: [String: Int] = [:]

    /// - Parameter all: no two with the same name.
    package init(_ all: [Parameter] = []) {
        self.all = all
        index()
    }

    package init(from decoder: any Decoder) throws {
        all = try [Parameter](from: decoder)
        index()
    }

    package func encode(to encoder: any Encoder) throws { try all.encode(to: encoder) }

    package static func == (left: Parameters, right: Parameters) -> Bool { left.all == right.all }
    package func hash(into hasher: inout Hasher) { hasher.combine(all) }

    private mutating func index() {
        guard all.count > Self.few else { return }
        places = Dictionary(all.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    private func place(of name: String) -> Int? {
        all.count > Self.few ? places[name] : all.firstIndex { $0.name == name }
    }

    /// A parameter's value, if the parameter exists.
    package subscript(name: String) -> ParameterValue? { place(of: name).map { all[$0].value } }

    /// Replaces a value, or adds it at the end.
    mutating func set(_ parameter: Parameter) {
        if let place = place(of: parameter.name) {
            all[place] = parameter
            return
        }
        all.append(parameter)
        if all.count == Self.few + 1 {
            index()
        } else if all.count > Self.few {
            places[parameter.name] = all.count - 1
        }
    }

    /// As a JSON object, nested like the names.
    package var json: String {
        var root = Tree()
        for parameter in all {
            root.insert(parameter.value.json, at: parameter.name.split(separator: ".")[...])
        }
        return root.json
    }

    /// Equal for equal names and values, whatever their order and kinds: `1` equals `"1"`, because
    /// the command is the same.
    package var canonical: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ part: some Collection<UInt8>) {
            bytes.append(contentsOf: "\(part.count):".utf8)
            bytes.append(contentsOf: part)
        }
        for parameter in all.sorted(by: { $0.name < $1.name }) {
            add(parameter.name.utf8)
            add(parameter.value.bytes)
        }
        return bytes
    }

    private struct Tree {
        var entries: [(name: Substring, leaf: String?, tree: Tree?)] = []
        /// Where the groups are.
        var groups: [Substring: Int] = [:]

        mutating func insert(_ leaf: String, at path: ArraySlice<Substring>) {
            guard let name = path.first else { return }
            if path.count == 1 {
                entries.append((name, leaf, nil))
                return
            }
            let place = groups[name] ?? entries.count
            if place == entries.count {
                groups[name] = place
                entries.append((name, nil, Tree()))
            }
            entries[place].tree?.insert(leaf, at: path.dropFirst())
        }

        var json: String {
            let members = entries.map {
                JSONString.encode(String($0.name)) + ":" + ($0.leaf ?? $0.tree?.json ?? "null")
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }
}
