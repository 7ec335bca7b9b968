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
    /// The parameters.
    package private(set) var all: [Parameter]

    /// - Parameter all: no two with the same name.
    package init(_ all: [Parameter] = []) { self.all = all }

    /// A parameter's value, if the parameter exists.
    package subscript(name: String) -> ParameterValue? {
        all.first { $0.name == name }?.value
    }

    /// Replaces a value, or adds it at the end.
    mutating func set(_ parameter: Parameter) {
        if let place = all.firstIndex(where: { $0.name == parameter.name }) {
            all[place] = parameter
        } else {
            all.append(parameter)
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

        mutating func insert(_ leaf: String, at path: ArraySlice<Substring>) {
            guard let name = path.first else { return }
            let place = entries.firstIndex { $0.name == name && ($0.tree != nil) }
            if path.count == 1 {
                entries.append((name, leaf, nil))
            } else if let place {
                entries[place].tree?.insert(leaf, at: path.dropFirst())
            } else {
                var tree = Tree()
                tree.insert(leaf, at: path.dropFirst())
                entries.append((name, nil, tree))
            }
        }

        var json: String {
            let members = entries.map {
                JSONString.encode(String($0.name)) + ":" + ($0.leaf ?? $0.tree?.json ?? "null")
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }
}
