import Furrow

/// Fits a model to one tile of the training images: the mean and the deviation of each pixel.
struct Train: PreparedJob {
    struct Model: Codable, Sendable {
        var tile: Tile
        var mean: [Double]
        var deviation: [Double]
    }

    var tile: Tile
    var tiling: Tiling
    var normal: Int

    static func prepare(_ context: JobContext) throws -> Digits { try Digits() }

    func run(_ digits: Digits, _ context: JobContext) -> Model {
        let images = digits.training(normal: normal)
        let count = Double(images.count)
        let pixels = tiling.pixels(of: tile)
        let mean = pixels.map { pixel in images.reduce(0) { $0 + $1[pixel] } / count }
        let deviation = zip(pixels, mean).map { pixel, mean in
            (images.reduce(0) { $0 + ($1[pixel] - mean) * ($1[pixel] - mean) } / count)
                .squareRoot()
        }
        return Model(tile: tile, mean: mean, deviation: deviation)
    }

    static func collect(_ models: [Model]) -> [Tile: Model] {
        Dictionary(uniqueKeysWithValues: models.map { ($0.tile, $0) })
    }
}

/// How far each pixel of a tile is from its mean, in all test images.
struct Predict: PreparedJob {
    struct Prediction: Codable, Sendable {
        var tile: Tile
        var distances: [Double]
    }

    var model: Train.Model
    var tiling: Tiling
    var normal: Int

    static func prepare(_ context: JobContext) throws -> Digits { try Digits() }

    func run(_ digits: Digits, _ context: JobContext) -> Prediction {
        let pixels = tiling.pixels(of: model.tile)
        let distances = digits.test(normal: normal).images.flatMap { image in
            pixels.indices.map {
                abs(image[pixels[$0]] - model.mean[$0]) / (model.deviation[$0] + 1)
            }
        }
        return Prediction(tile: model.tile, distances: distances)
    }

    static func collect(_ predictions: [Prediction]) -> [Tile: [Double]] {
        Dictionary(uniqueKeysWithValues: predictions.map { ($0.tile, $0.distances) })
    }
}

/// Puts the tiles together; where they overlap, their mean counts.
struct Merge: Job {
    var predictions: [Tile: [Double]]
    var tiling: Tiling

    func run(_ context: JobContext) -> Maps {
        let size = tiling.size * tiling.size
        let area = Digits.side * Digits.side
        var maps = Maps(count: (predictions.first?.value.count ?? 0) / size)
        var cover = [Double](repeating: 0, count: area)
        for tile in tiling.tiles {
            let pixels = tiling.pixels(of: tile)
            for pixel in pixels { cover[pixel] += 1 }
            for image in 0..<maps.count {
                for (place, pixel) in pixels.enumerated() {
                    maps.values[image * area + pixel] +=
                        predictions[tile, default: []][image * size + place]
                }
            }
        }
        for place in maps.values.indices { maps.values[place] /= cover[place % area] }
        return maps
    }

    static func collect(_ maps: [Maps]) -> Maps { maps[0] }
}

/// Smooths the maps across the seams of tiles: the mean of a pixel and of its neighbours in the row.
struct Smooth: Job {
    var maps: Maps
    var tiling: Tiling

    func run(_ context: JobContext) -> Maps {
        var smoothed = maps
        let side = Digits.side
        for seam in Set(tiling.tiles.map(\.column)) where seam > 0 {
            for row in 0..<maps.count * side {
                let place = row * side + seam
                smoothed.values[place] =
                    (maps.values[place - 1] + maps.values[place] + maps.values[place + 1]) / 3
            }
        }
        return smoothed
    }

    static func collect(_ maps: [Maps]) -> Maps { maps[0] }
}

/// The smallest and the largest value of all maps.
struct Measure: Job {
    struct Bounds: Codable, Sendable {
        var low: Double
        var high: Double
    }

    var maps: Maps

    func run(_ context: JobContext) -> Bounds {
        Bounds(low: maps.values.min() ?? 0, high: maps.values.max() ?? 1)
    }

    static func collect(_ bounds: [Bounds]) -> Bounds { bounds[0] }
}

/// Maps with values from 0 to 1.
struct Normalise: Job {
    var maps: Maps
    var bounds: Measure.Bounds

    func run(_ context: JobContext) -> Maps {
        var normal = maps
        normal.values = maps.values.map { ($0 - bounds.low) / (bounds.high - bounds.low) }
        return normal
    }

    static func collect(_ maps: [Maps]) -> Maps { maps[0] }
}

/// The score of one image: the mean of its map.
struct Score: Job {
    var values: [Double]

    func run(_ context: JobContext) -> Double { values.reduce(0, +) / Double(values.count) }
}
