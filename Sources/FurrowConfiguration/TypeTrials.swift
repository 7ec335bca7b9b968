/// Attempts to decode a type from made-up values, which together show its shape.
///
/// The compiler's `init(from:)` asks for the same whatever the answers are, and passes on every error.
/// The shape of a type that does not could be too narrow: it is ``ConfigurationShape/anything``.
struct TypeTrials<T: Decodable> {
    let recorder: ShapeRecorder

    private typealias Answers = [ShapeRequest: ShapeRecording.Answer]

    /// One attempt.
    private struct Attempt {
        let recording: ShapeRecording
        let root = ShapeNode()
        let result: Result<T, any Error>

        init(_ recorder: ShapeRecorder, _ answers: Answers, elementCount: Int) {
            recording = ShapeRecording(
                recorder,
                isEnumeration: isEnumeration(T.self),
                elementCount: elementCount,
                answers: answers
            )
            let decoder = RecordingDecoder(recording: recording, node: root)
            result = Result { try T(from: decoder) }
        }

        var requests: [ShapeRequest] { recording.requests }
        var value: T? { try? result.get() }

        /// Whether the standard library refused the raw value of an enumeration.
        var isOfRawValue: Bool {
            guard case .failure(DecodingError.dataCorrupted(let context)) = result else {
                return false
            }
            return context.isOfRawValue
        }

        /// Whether this asked for the same as another attempt, or failed before there was a
        /// difference; leaving out what is inside a place.
        func agrees(with other: Attempt, outside place: [String]?) -> Bool {
            func seen(_ attempt: Attempt) -> [ShapeRequest] {
                guard let place else { return attempt.requests }
                return attempt.requests.filter { !$0.path.starts(with: place) }
            }
            let (own, others) = (seen(self), seen(other))
            return own == others || value == nil && others.starts(with: own)
        }
    }

    /// What the attempts showed.
    var description: ShapeRecorder.Description {
        let first = Attempt(recorder, [:], elementCount: 1)
        if let choice = choice(first) { return choice }
        if let words = words(of: T.self),
            first.isOfRawValue || variations(of: first).contains(where: \.isOfRawValue)
        {
            return .init(shape: .words(words), samples: cases(of: T.self) ?? [])
        }
        let counted = [1, 2, 3, 4, 0].map { attempt([:], elementCount: $0) }
        guard
            let base = counted.first(where: { $0.value != nil })
                ?? variations(of: first).first(where: { $0.value != nil })
                ?? counted.first(where: \.recording.isStuck)
        else { return .init() }
        let samples: [Any] = base.value.map { [$0] } ?? []
        // A word may be the key of an enumeration's mapping.
        guard !base.recording.isTooDeep, let lenient = lenientPlaces(of: base),
            !(isEnumeration(T.self) && base.root.isMapping)
        else { return .init(samples: samples) }
        return .init(shape: base.root.shape(lenient), samples: samples)
    }

    /// The attempts with another answer to one request.
    private func variations(of base: Attempt) -> [Attempt] {
        base.requests.flatMap { request in
            (0..<request.answerCount).map { varied(base, request, .number($0)) }
        }
    }

    private func varied(
        _ base: Attempt,
        _ request: ShapeRequest,
        _ answer: ShapeRecording.Answer
    ) -> Attempt {
        var answers = base.recording.answers
        answers[request] = answer
        return Attempt(recorder, answers, elementCount: base.recording.elementCount)
    }

    /// An attempt without the optional values that cannot be made up, such as the type itself.
    private func attempt(_ answers: Answers, elementCount: Int) -> Attempt {
        var attempt = Attempt(recorder, answers, elementCount: elementCount)
        while attempt.value == nil, attempt.recording.isStuck,
            let path = attempt.requests.last?.path,
            let request = attempt.requests.last(where: { $0.path == path && $0.isOfPresence }),
            attempt.recording.answers[request] == nil
        {
            attempt = varied(attempt, request, .number(1))
        }
        return attempt
    }

    /// The paths of values that the type does without if they are wrong; `nil` if it may ask for
    /// something else than it did in an attempt.
    private func lenientPlaces(of base: Attempt) -> Set<[String]>? {
        var lenient: Set<[String]> = []
        for request in Set(base.requests) where request.kind != .keys {
            for number in 0..<request.answerCount {
                let other = varied(base, request, .number(number))
                let isSame = other.agrees(
                    with: base,
                    outside: request.isOfPresence ? request.path : nil
                )
                guard isSame else { return nil }
            }
            guard request.isRefusable else { continue }
            let refused = varied(base, request, .refusal)
            if refused.value == nil, refused.requests.last == request { continue }
            guard refused.agrees(with: base, outside: request.path) else { return nil }
            lenient.insert(request.path)
        }
        let asked = Set(base.requests)
        for count in 0...4 {
            let other = Attempt(recorder, base.recording.answers, elementCount: count)
            // Elements of which none could be made up may be anything.
            let isSame = other.requests.allSatisfy {
                asked.contains($0)
                    || base.recording.elementCount == 0 && $0.path.contains(ShapeNode.elementName)
            }
            guard isSame else { return nil }
        }
        return lenient
    }

    /// The description of an enumeration with values, if it is decoded as the compiler does.
    ///
    /// - Parameter first: any attempt.
    private func choice(_ first: Attempt) -> ShapeRecorder.Description? {
        guard isEnumeration(T.self), first.requests.count > 2, first.requests[1].path.isEmpty,
            first.requests[1].kind == .keys
        else { return nil }
        let (request, count) = (first.requests[1], first.requests[1].answerCount)
        // It may do without a case.
        if varied(first, request, .number(count)).value != nil { return .init() }
        var description = ShapeRecorder.Description()
        var found: [ConfigurationShape.Case] = []
        for number in 0..<count {
            let attempt = attempt([request: .number(number)], elementCount: 1)
            let asked = attempt.root.asked
            guard asked.count == 1, let name = asked.first?.name else { return nil }
            let isPlain = attempt.value != nil && lenientPlaces(of: attempt) == []
            found.append(.init(name: name, values: isPlain ? asked[0].node.properties : nil))
            if let value = attempt.value { description.samples.append(value) }
        }
        description.shape = .choice(found)
        return description
    }
}
