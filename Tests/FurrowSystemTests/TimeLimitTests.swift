import FurrowSystem
import Testing

@Suite struct TimeLimitTests {
    @Test(arguments: [
        ("10", Duration.seconds(10)), ("10s", .seconds(10)), ("1.5m", .seconds(90)),
        ("2h", .seconds(7200)), ("200ms", .milliseconds(200)), ("0", .zero), (".5s", .seconds(0.5)),
    ])
    func aTimeIsRead(text: String, duration: Duration) {
        #expect(TimeSpan(argument: text)?.duration == duration)
    }

    @Test(arguments: ["", "s", "-1", "10 s", "10d", "1e3", "1:30", "1.2.3", "inf", "nan", "½"])
    func anythingElseIsNoTime(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test func aTimeBeyondAllBoundsIsRefused() {
        #expect(TimeSpan(argument: String(repeating: "9", count: 400)) == nil)
        #expect(TimeSpan(argument: "999999999h") == nil)
        #expect(TimeSpan(argument: "1111111111-00:00:35") == nil)
    }

    @Test func aTimeIsShownInSeconds() {
        #expect(TimeSpan(.seconds(10)).defaultValueDescription == "10s")
        #expect(TimeSpan(.milliseconds(1500)).defaultValueDescription == "1.5s")
    }
}
