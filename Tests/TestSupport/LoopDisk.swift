import Foundation
import Glibc

/// A disk that one can take the power from: a file system on a loop device.
package final class LoopDisk {
    /// What is on it.
    package enum FileSystem: String, CaseIterable, Sendable {
        case ext4, xfs

        /// XFS begins with 300 MB. What is not used takes no space.
        fileprivate var bytes: Int { self == .ext4 ? 40 << 20 : 320 << 20 }
        fileprivate var quietly: [String] { self == .ext4 ? ["-q", "-F"] : ["-q", "-f"] }
        /// XFS mounts no second one with the same number.
        fileprivate var mounting: String { self == .ext4 ? "loop" : "loop,nouuid" }
    }

    /// `EXT4_IOC_SHUTDOWN`, which is `XFS_IOC_GOINGDOWN` as well, and what it is to do: nothing
    /// more reaches the disk, its log neither.
    private static let shutDown: UInt = 0x8004_587d
    private static let withoutLog: UInt32 = 2

    /// What can be on one here: the kernel knows it, and its tools are there.
    package static let fileSystems = FileSystem.allCases.filter { obstacles[$0] == nil }

    /// Why there can be none here; `nil` where there can.
    package static let obstacle = fileSystems.isEmpty ? obstacles[.ext4] : nil

    private static let obstacles: [FileSystem: String] = {
        var obstacles: [FileSystem: String] = [:]
        for fileSystem in FileSystem.allCases {
            guard geteuid() == 0 else {
                obstacles[fileSystem] = "only root may mount a disk"
                continue
            }
            do {
                try LoopDisk(fileSystem, in: Scratch()).unmount()
            } catch {
                obstacles[fileSystem] = "no \(fileSystem) on a loop device: \(error)"
            }
        }
        return obstacles
    }()

    private let fileSystem: FileSystem
    private var image: String
    private let folder: String
    private var isMounted = false
    private var hasFailed = false

    /// Makes one, and mounts it.
    ///
    /// - Parameters:
    ///   - fileSystem: what is on it.
    ///   - scratch: where its image is; it is mounted at `disk` beside it.
    package init(_ fileSystem: FileSystem, in scratch: Scratch) throws {
        self.fileSystem = fileSystem
        image = scratch.url.path + "/image"
        folder = scratch.url.path + "/disk"
        guard FileManager.default.createFile(atPath: image, contents: nil),
            truncate(image, fileSystem.bytes) == 0, mkdir(folder, 0o777) == 0
        else { throw Problem(description: "no image can be made") }
        try Self.call(["mkfs.\(fileSystem)"] + fileSystem.quietly + [image])
        try mount()
    }

    deinit { if isMounted { umount2(folder, Int32(MNT_DETACH)) } }

    private struct Problem: Error, CustomStringConvertible { let description: String }

    private static func call(_ arguments: [String]) throws {
        let path = "PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
        let run = try Execution.run([path] + arguments)
        guard run.status == 0 else {
            throw Problem(description: "\(arguments) failed: \(run.status): \(run.errors)")
        }
    }

    /// Mounts it again. Clusters that are made meanwhile keep what is mounted in their namespaces, and
    /// the kernel would give the failed one again: what is on the disk is another disk's from here on.
    package func mount() throws {
        if hasFailed {
            let copy = image + "-again"
            try Self.call(["cp", "--sparse=always", image, copy])
            (image, hasFailed) = (copy, false)
        }
        try Self.call(["mount", "-o", fileSystem.mounting, image, folder])
        isMounted = true
    }

    /// Unmounts it.
    package func unmount() throws {
        // Whoever has a file of it open may take a moment to leave.
        let end = ContinuousClock.now + .seconds(60)
        while umount2(folder, 0) != 0, errno == EBUSY {
            guard .now < end else { throw Problem(description: "\(folder) is in use") }
            usleep(100_000)
        }
        isMounted = false
    }

    /// Takes the power away.
    package func fail() throws {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Problem(description: "\(folder) is gone") }
        defer { close(descriptor) }
        var how = Self.withoutLog
        guard ioctl(descriptor, Self.shutDown, &how) == 0 else {
            throw Problem(description: "\(folder) cannot be shut down")
        }
        hasFailed = true
    }
}
