/// The upper left corner of a tile.
struct Tile: Codable, Sendable, Hashable {
    var row: Int
    var column: Int
}

/// How images are cut into tiles that overlap.
struct Tiling: Codable, Sendable {
    var size: Int
    var stride: Int

    var tiles: [Tile] {
        let places = Swift.stride(from: 0, through: Digits.side - size, by: stride)
        return places.flatMap { row in places.map { Tile(row: row, column: $0) } }
    }

    /// The pixels of an image that a tile has.
    func pixels(of tile: Tile) -> [Int] {
        (0..<size).flatMap { row in
            (0..<size).map { (tile.row + row) * Digits.side + tile.column + $0 }
        }
    }
}

/// A value for each pixel of some images.
struct Maps: Codable, Sendable {
    var count: Int
    var values: [Double]

    init(count: Int) {
        self.count = count
        values = [Double](repeating: 0, count: count * Digits.side * Digits.side)
    }
}
