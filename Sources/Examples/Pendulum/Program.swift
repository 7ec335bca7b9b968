import ArgumentParser
import Furrow

struct Pendulum: Job {
    var length: Double
    var angle: Double

    func run(_ context: JobContext) throws -> Double {
        var (angle, speed, time) = (self.angle, 0.0, 0.0)
        while angle > 0 {
            speed -= 9.81 / length * angle * 1e-5
            angle += speed * 1e-5
            time += 1e-5
        }
        return 4 * time
    }

    static func save(_ periods: [Double], in directory: RunDirectory) {
        print("periods in seconds:", periods)
    }
}

@main struct Program: PipelineCommand {
    @OptionGroup var options: PipelineOptions

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Double]> {
        Pipeline(ParallelRunner(GridGenerator<Pendulum>(), options: runOptions))
    }
}
