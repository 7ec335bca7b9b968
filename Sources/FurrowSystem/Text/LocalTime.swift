package import Foundation

extension Date {
    /// For people: in local time, with its offset from UTC, for example
    /// `2026-11-26T11:25:48-05:00`.
    package var localText: String {
        formatted(Self.local.timeSeparator(.colon).timeZone(separator: .colon))
    }

    /// For names of files: in local time, for example `2026-11-26T112548`.
    package var localName: String { formatted(Self.local.timeSeparator(.omitted)) }

    private static var local: ISO8601FormatStyle {
        ISO8601FormatStyle(timeZone: .current).year().month().day().dateSeparator(.dash)
            .time(includingFractionalSeconds: false)
    }
}
