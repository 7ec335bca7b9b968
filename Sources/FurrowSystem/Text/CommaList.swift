/// A list on the command line, whose words commas separate.
package enum CommaList {
    /// The words, also empty ones. A backslash escapes a comma, or another backslash.
    package static func words(of text: Substring) -> [String] {
        var words = [""]
        var isEscaped = false
        // Scalar by scalar: a comma with an accent on it is one `Character`, and still a comma.
        for character in text.unicodeScalars {
            if isEscaped {
                if character != ",", character != "\\" { words[words.count - 1] += "\\" }
                words[words.count - 1].unicodeScalars.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                words.append("")
            } else {
                words[words.count - 1].unicodeScalars.append(character)
            }
        }
        if isEscaped { words[words.count - 1] += "\\" }
        return words
    }
}
