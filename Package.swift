// swift-tools-version: 6.2
import PackageDescription

// The pkg-config name of the MPI to build against: Open MPI's C interface, unless told otherwise
// (MPICH: FURROW_MPI_PKG_CONFIG=mpich).
let mpi = Context.environment["FURROW_MPI_PKG_CONFIG"] ?? "ompi-c"

let package = Package(
    name: "furrow",
    products: [
        .library(name: "Furrow", targets: ["Furrow"]),
        .library(name: "MPI", targets: ["MPI"]),
        .executable(name: "furrow", targets: ["FurrowTool"]),
        .executable(name: "anomaly-benchmark", targets: ["AnomalyBenchmark"]),
        .executable(name: "furrow-bench", targets: ["FurrowBench"]),
        .executable(name: "bare-start", targets: ["BareStart"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CMPI", pkgConfig: mpi, providers: [.apt(["libopenmpi-dev"])]),
        .target(name: "MPI", dependencies: ["CMPI"]),
        .target(
            name: "Furrow",
            dependencies: [
                "MPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "CLinux"),
        .target(
            name: "FurrowCommands",
            dependencies: ["CLinux", "Furrow", "MPI"],
            // The batch scripts, which `furrow submit` fills in.
            resources: [
                .embedInCode("../../slurm/furrow.sbatch"),
                .embedInCode("../../slurm/furrow-gpu.sbatch"),
                .embedInCode("../../slurm/furrow-preemptible.sbatch"),
            ]
        ),
        .executableTarget(
            name: "FurrowTool",
            dependencies: [
                "FurrowCommands", "MPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .target(
            name: "CDigits",
            path: "Sources/AnomalyBenchmark/Data",
            exclude: ["ORIGIN.md", "digits.csv"]
        ),
        .executableTarget(
            name: "AnomalyBenchmark",
            dependencies: [
                "CDigits", "Furrow",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["benchmark.yaml", "Data"]
        ),
        // What MPI does by itself, in C: the benchmarks' floor.
        .target(name: "CBareMPI", dependencies: ["CMPI"]),
        .executableTarget(name: "BareStart", dependencies: ["CMPI"]),
        .executableTarget(
            name: "FurrowBench",
            dependencies: [
                "BareStart", "CBareMPI", "Furrow", "FurrowCommands", "MPI",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Peers"]
        ),
        // What the multi-rank tests start under mpirun.
        .executableTarget(
            name: "Scenarios",
            dependencies: [
                "Furrow", "MPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Scenarios"
        ),
        // The program that the README shows.
        .executableTarget(
            name: "Pendulum",
            dependencies: [
                "Furrow", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Pendulum"
        ),
        .testTarget(name: "FurrowTests", dependencies: ["Furrow"]),
        .testTarget(
            name: "FurrowCommandsTests",
            dependencies: ["FurrowCommands", "FurrowTool"]
        ),
        .testTarget(name: "AnomalyBenchmarkTests", dependencies: ["AnomalyBenchmark"]),
        .testTarget(
            name: "RankTests",
            dependencies: [
                "AnomalyBenchmark", "Furrow", "FurrowBench", "FurrowTool", "Pendulum", "Scenarios",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
