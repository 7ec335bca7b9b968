import FurrowConfiguration
import Testing

/// The example of the brief.
let exampleText = """
    benchmark:
      seed: 42
      model:
        class_path:
          grid: [gaussian, knn, pca, isolation_forest]
      data:
        class_path: digits
        init_args:
          category:
            grid: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """

/// Parses a text under the name `t.yaml`.
func parse(_ yaml: String) throws(ConfigurationError) -> ConfigurationValue {
    try Configuration(parsing: yaml, file: "t.yaml").root
}

/// Decodes a text under the name `t.yaml`.
func decode<T: Decodable>(_ type: T.Type, _ yaml: String, at path: [String] = [])
    throws(ConfigurationError) -> T
{
    try ConfigurationDecoder(file: "t.yaml").decode(type, from: parse(yaml), at: path)
}

/// The description of the error that a body throws, or "no error".
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}

/// The description of the error of parsing a text.
func parseMessage(_ yaml: String) -> String {
    message { _ = try parse(yaml) }
}

/// The description of the error of decoding a text.
func decodeMessage<T: Decodable>(_ type: T.Type, _ yaml: String, at path: [String] = []) -> String {
    message { _ = try decode(type, yaml, at: path) }
}

/// A struct with one field of any type, under the key `v`.
struct Box<Value: Decodable>: Decodable {
    var v: Value
}
