/// The keys of a value, and of the values inside it, that a decoding asked for.
///
/// Usage points only down the tree and ``DecodingNode`` only up, so there are no reference cycles.
final class KeyUsage {
    /// Whether the value was decoded as a mapping with named keys.
    private(set) var isKeyed = false
    /// For each entry of the mapping, whether it was asked for.
    private var asked: [Bool] = []
    /// Every key asked for, present or not.
    private var names: [String] = []
    private var children: [Int: KeyUsage] = [:]

    /// Notes that the value is decoded as a mapping.
    func open(entryCount: Int) {
        isKeyed = true
        if asked.isEmpty { asked = [Bool](repeating: false, count: entryCount) }
    }

    /// Notes that a key was asked for; `slot` is its entry, if it has one.
    func ask(_ name: String, slot: Int?) {
        if let slot {
            if asked[slot] { return }
            asked[slot] = true
        }
        names.append(name)
    }

    /// Whether an entry was asked for.
    func isAsked(_ slot: Int) -> Bool { asked[slot] }

    /// The usage of a child, made if there is none.
    func child(at slot: Int) -> KeyUsage {
        if let child = children[slot] { return child }
        let child = KeyUsage()
        children[slot] = child
        return child
    }

    /// Adds the keys that a successful decoding of a child asked for.
    func attach(_ usage: KeyUsage, at slot: Int) {
        if !usage.isKeyed && usage.children.isEmpty { return }
        if let child = children[slot] {
            child.add(usage)
        } else {
            children[slot] = usage
        }
    }

    /// Adds the keys that a successful decoding of the same value asked for.
    func add(_ other: KeyUsage) {
        if other.isKeyed {
            if !isKeyed { asked = other.asked }
            isKeyed = true
            for slot in asked.indices where other.asked[slot] { asked[slot] = true }
            names.append(contentsOf: other.names)
        }
        for (slot, child) in other.children { attach(child, at: slot) }
    }

    /// An entry that was not asked for.
    struct Unknown {
        /// The keys that lead to its mapping.
        var path: [String] = []
        /// The entry.
        let entry: ConfigurationValue.Entry
        /// The keys of the mapping that were asked for.
        let valid: [String]
    }

    /// The first entry in the file that was not asked for.
    ///
    /// - Parameter value: The value that this usage is about.
    /// - Returns: The entry, or nil if there is none.
    func firstUnknown(in value: ConfigurationValue) -> Unknown? {
        var first: Unknown?
        func consider(_ usage: KeyUsage, _ value: ConfigurationValue, _ step: () -> String) {
            guard var other = usage.firstUnknown(in: value) else { return }
            if let first, first.entry.keyPosition <= other.entry.keyPosition { return }
            other.path.insert(step(), at: 0)
            first = other
        }
        switch value.kind {
        case .scalar:
            break
        case .sequence(let elements):
            for (slot, usage) in children {
                consider(usage, elements[slot]) { ConfigurationPath.step(at: slot) }
            }
        case .mapping(let entries):
            let unasked = isKeyed ? entries.indices.filter { !asked[$0] } : []
            let earliest = unasked.min { entries[$0].keyPosition < entries[$1].keyPosition }
            if let earliest {
                first = Unknown(entry: entries[earliest], valid: Set(names).sorted())
            }
            for (slot, usage) in children {
                consider(usage, entries[slot].value) { entries[slot].key }
            }
        }
        return first
    }
}
