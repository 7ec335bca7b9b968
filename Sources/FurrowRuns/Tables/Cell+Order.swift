import FurrowSystem

extension Cell {
    package enum Order { case before, same, after }

    /// How two numbers compare, exact even if a `Double` cannot represent the whole number; nil if
    /// one of them is NaN or not a number.
    package static func numericOrder(_ first: Cell, _ second: Cell) -> Order? {
        switch (first, second) {
        case (.integer(let first), .integer(let second)): order(first, second)
        case (.integer(let first), .number(let second, _)): order(first, second)
        case (.number(let first, _), .integer(let second)):
            switch order(second, first) {
            case .before: .after
            case .after: .before
            case let other: other
            }
        case (.number(let first, _), .number(let second, _)):
            first.isNaN || second.isNaN ? nil : order(first, second)
        default: nil
        }
    }

    package static func order<Value: Comparable>(_ first: Value, _ second: Value) -> Order {
        first < second ? .before : first == second ? .same : .after
    }

    private static func order(_ first: Int, _ second: Double) -> Order? {
        if second.isNaN { return nil }
        if second >= 0x1p63 { return .before }
        if second < -0x1p63 { return .after }
        let whole = second.rounded(.down)
        let order = order(first, Int(whole))
        return order == .same && whole < second ? .before : order
    }

    /// Whether a sorted table shows this cell before another. The order of kinds is the same in
    /// both directions (numbers, NaN, Booleans, text, nothing), so that the best value is always on
    /// top.
    package func precedes(_ other: Cell, descending: Bool) -> Bool {
        guard rank == other.rank else { return rank < other.rank }
        let order: Order? =
            switch (self, other) {
            case (.text(let first), .text(let second)): Self.order(first, second)
            case (.boolean(let first), .boolean(let second)):
                Self.order(first ? 1 : 0, second ? 1 : 0)
            default: Self.numericOrder(self, other)
            }
        return order == (descending ? .after : .before)
    }

    private var rank: Int {
        switch self {
        case .integer: 0
        case .number(let value, _): value.isNaN ? 1 : 0
        case .boolean: 2
        case .text: 3
        case .empty: 4
        }
    }
}
