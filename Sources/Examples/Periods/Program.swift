import Furrow

@main struct Program {
    static func main() async throws {
        let periods = try await ParallelRunner.map([0.5, 1, 2]) { length in
            var (angle, speed, time) = (0.1, 0.0, 0.0)
            while angle > 0 {
                speed -= 9.81 / length * angle * 1e-5
                angle += speed * 1e-5
                time += 1e-5
            }
            return 4 * time
        }
        if let periods { print("periods in seconds:", periods) }
    }
}
