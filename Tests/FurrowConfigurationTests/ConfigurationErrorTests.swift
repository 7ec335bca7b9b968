import FurrowConfiguration
import Testing

@Suite struct ConfigurationErrorTests {
    @Test func describesAllThatIsKnown() {
        let error = ConfigurationError(
            file: "sweep.yaml",
            line: 7,
            column: 5,
            problem: "unknown key 'modle' in 'benchmark'",
            remedy: "did you mean 'model'? (valid: data, model, seed)"
        )
        #expect(
            error.description
                == "sweep.yaml:7:5: unknown key 'modle' in 'benchmark'; did you mean 'model'? "
                + "(valid: data, model, seed)"
        )
    }

    @Test func leavesOutWhatIsNotKnown() {
        #expect(ConfigurationError(file: "f", problem: "p").description == "f: p")
        #expect(ConfigurationError(file: "f", line: 3, problem: "p").description == "f:3: p")
        #expect(ConfigurationError(file: "f", column: 3, problem: "p").description == "f: p")
    }
}
