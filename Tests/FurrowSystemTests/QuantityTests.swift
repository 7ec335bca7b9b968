import FurrowSystem
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        (0.0, "0.0 s"), (0.0004, "0.0 s"), (0.035, "35 ms"), (0.099, "99 ms"), (0.1, "0.1 s"),
        (9.96, "10.0 s"), (12.34, "12.3 s"), (99.96, "100 s"), (119, "119 s"), (119.6, "2 min"),
        (240, "4 min"), (7169, "119 min"), (7199, "2.0 h"), (5400 * 2, "3.0 h"),
        (360_000, "100.0 h"), (-3, "-3.0 s"), (.nan, "nan h"), (.infinity, "inf h"),
    ])
    func timesAreShort(seconds: Double, text: String) {
        #expect(Quantity.time(seconds: seconds) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1536, "1.5 kB"), (999_949, "999.9 kB"),
        (999_950, "1.0 MB"), (2_000_000_000, "2.0 GB"), (Int.max, "9.2 EB"), (-1500, "-1.5 kB"),
    ])
    func sizesAreShort(bytes: Int, text: String) {
        #expect(Quantity.size(bytes: bytes) == text)
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (3.14159, 2, "3.14"), (2.5, 0, "3"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"),
        (-1.25, 1, "-1.3"), (99.96, 1, "100.0"), (0.007, 3, "0.007"), (1e6, 0, "1000000"),
        (.infinity, 1, "inf"), (.nan, 1, "nan"), (1e300, 1, "1e+300"),
    ])
    func numbersAreRounded(value: Double, digits: Int, text: String) {
        #expect(rounded(value, digits) == text)
    }

    @Test(arguments: [
        ("1", 1), ("64K", 65_536), ("1.5k", 1536), ("500M", 524_288_000), ("1GiB", 1 << 30),
        ("2 GB", 2 << 30), ("1t", 1 << 40),
    ])
    func sizesAreRead(text: String, bytes: Int) { #expect(ByteSize(text)?.bytes == bytes) }

    @Test(arguments: ["", "0", "-1", "1X", "G", "1e9", "0.5", "9999999999999T", "1G1", "٣"])
    func whatIsNoSizeIsNone(text: String) { #expect(ByteSize(text) == nil) }
}
