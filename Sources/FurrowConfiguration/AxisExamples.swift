/// What makes several jobs of one besides a grid, by its key.
package enum AxisExamples {
    /// Each as it is written.
    package static let texts = [
        "range": "{range: {start: 0, stop: 5}}",
        "linspace": "{linspace: {start: 0, stop: 1, num: 5}}",
        "logspace": "{logspace: {start: -3, stop: 0, num: 4}}",
        "random": "{random: {uniform: [0, 1]}, samples: 20}",
    ]
}
