import Testing

@testable import FurrowCommands

@Suite struct ClusterReportTests {
    /// Two nodes with two devices each; rank 0 and a worker on the first, two workers on the second.
    private var good: [RankSurvey] {
        [(0, "a", 0), (1, "a", 0), (2, "a", 0), (3, "b", 3), (4, "b", 3)].map { rank, host, node in
            let index = rank == 0 ? nil : rank < 3 ? rank - 1 : rank - 3
            return RankSurvey(
                rank: rank,
                host: host,
                node: node,
                localIndex: index,
                device: index.map { "CUDA_VISIBLE_DEVICES=\($0)" },
                deviceNames: index.map { ["\($0)"] } ?? [],
                visible: ["0", "1"],
                cores: 8,
                nodeCores: 8,
                clock: 1000 + Double(rank) / 100
            )
        }
    }

    private func warnings(_ change: (inout [RankSurvey]) -> Void) -> [String] {
        var ranks = good
        change(&ranks)
        return ClusterReport(ranks, expectsDevices: true, runs: "/shared/runs").warnings
    }

    @Test func whatIsRightIsNotWarnedOf() {
        #expect(warnings { _ in } == [])
        let lines = ClusterReport(good, expectsDevices: true, runs: "runs").table.split(
            separator: "\n"
        )
        #expect(lines.count == 6)
        #expect(lines[4].contains("CUDA_VISIBLE_DEVICES=0"))
        #expect(lines[4].split(separator: " ").prefix(4) == ["3", "b", "2", "0"])
    }

    @Test func sharedAndIdleDevicesAreNamed() {
        let found = warnings { $0[4].deviceNames = ["0"] }
        #expect(
            found == [
                "device 0 of b is shared by tasks 2, 3",
                "no worker uses device 1 of b: start more ranks there",
            ]
        )
    }

    @Test func workersWithoutADeviceAreNamed() {
        let some = warnings { ranks in
            for rank in 3...4 {
                ranks[rank].device = nil
                ranks[rank].deviceNames = []
                ranks[rank].visible = []
            }
        }
        #expect(some == ["tasks 2, 3 have no device"])
        let all = warnings { ranks in
            for rank in ranks.indices {
                ranks[rank].device = nil
                ranks[rank].deviceNames = []
                ranks[rank].visible = []
            }
        }
        #expect(all == ["no worker has a device: jobs run on the processors"])
    }

    @Test func boundRanksAreNamed() {
        let found = warnings { $0[3].cores = 1 }
        #expect(found.count == 1 && found[0].contains("ranks 3 are bound to one core"))
        // On a node with one core that is all there is.
        #expect(
            warnings {
                $0[3].cores = 1
                $0[3].nodeCores = 1
            }.isEmpty
        )
    }

    @Test func clocksThatDifferAreTold() {
        let behind = warnings { ranks in for rank in 3...4 { ranks[rank].clock -= 90 } }
        #expect(behind.count == 1)
        #expect(behind[0].hasPrefix("the clock of b is 90.0 s behind that of a"), "\(behind)")
        let ahead = warnings { ranks in for rank in 3...4 { ranks[rank].clock += 1.5 } }
        #expect(ahead[0].hasPrefix("the clock of b is 1.5 s ahead of that of a"))
        #expect(warnings { ranks in for rank in 3...4 { ranks[rank].clock += 0.9 } }.isEmpty)
    }

    @Test func anotherRunsDirectoryIsTold() {
        let found = warnings {
            $0[1].seesRuns = true
            $0[3].seesRuns = false
        }
        #expect(
            found == [
                "/shared/runs on b is not the same as on a: use --runs-dir with a directory that "
                    + "all nodes share"
            ]
        )
    }
}
