import Foundation
import TestSupport
import Testing

extension RankTests {
    /// How runs are called, and what users are told to call them.
    @Suite struct RunNames {
        @Test func aRunMayBeCalledNewest() throws {
            let sweep = try SweepScratch()
            for name in ["newest", "other"] {
                let run = try sweep.furrow(["run", "--name", name, "--", "true"])
                #expect(run.status == 0, "\(run.errors)")
            }
            let other = try sweep.furrow(["run", "--resume"])
            #expect(other.output.contains("/runs/other/"), "\(other.output)\(other.errors)")
            let newest = try sweep.furrow(["run", "--resume", "newest"])
            #expect(newest.output.contains("/runs/newest/"), "\(newest.output)\(newest.errors)")
        }

        @Test func adviceCanBePasted() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(["run", "--run-dir", "it's mine", "--", "true"])
            #expect(run.status == 0, "\(run.errors)")
            _ = try sweep.scratch.write("", to: "it's mine/sweep.yaml")
            let advice = try sweep.furrow(["run", "--resume", "it's mine"])
            #expect(advice.errors.contains(#"--resume 'it'\''s mine'"#), "\(advice.errors)")
        }

        /// A run's directory and its report speak of one time.
        @Test(arguments: ["America/New_York", "Asia/Kolkata", "UTC"])
        func timesAreLocal(zone: String) throws {
            let sweep = try SweepScratch()
            let environment = ["TZ": zone]
            let run = try sweep.furrow(["run", "--", "true"], environment: environment)
            #expect(run.status == 0, "\(run.errors)")
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(identifier: zone)
            format.dateFormat = "yyyy-MM-dd'T'HHmmss"
            let names = try FileManager.default
                .contentsOfDirectory(atPath: sweep.url.path + "/runs/true")
            let name = try #require(names.first { $0 != "latest" })
            let named = try #require(format.date(from: name))
            let status = try sweep.furrow(["status"], environment: environment).output
            let shown = try #require(status.firstMatch(of: /started ([^ ,]+),/)).1
            format.dateFormat = "yyyy-MM-dd'T'HH:mm:ssXXX"
            format.timeZone = TimeZone(identifier: "UTC")
            let started = try #require(format.date(from: String(shown)))
            #expect(abs(started.timeIntervalSince(named)) < 60)
            #expect(shown.hasSuffix("Z") == (zone == "UTC"))
            #expect(try sweep.furrow(["runs"], environment: environment).output.contains(shown))
        }
    }
}
