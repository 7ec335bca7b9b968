import Foundation
import TestSupport
import Testing

extension RankTests {
    /// A sample of what `make torture` does for as long as one likes.
    @Suite struct Torture {
        @Test(
            .timeLimit(.minutes(8)),
            arguments: [
                ("file-calls,mpi-calls", 1),
                ("kills,stops,signals,journals,folders,slow-folders,full-disks,power,clocks", 1),
            ]
        )
        func nothingIsLost(kinds: String, seed: Int) throws {
            let torture = try Execution.run(
                [
                    Execution.programs.appendingPathComponent("furrow-torture").path,
                    "--rounds", "18", "--seed", "\(seed)", "--only", kinds,
                ],
                limit: 300
            )
            #expect(torture.status == 0, "\(torture.output) \(torture.errors)")
            #expect(torture.output.contains(" tried, "), "\(torture.output)")
            // Once in some thousand starts Open MPI 4 does; more often would be our doing.
            let hangs = torture.output.components(separatedBy: ": mpirun hangs: ").count - 1
            #expect(hangs < 2, "\(torture.output)")
        }
    }
}
