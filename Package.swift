// swift-tools-version: 6.2
import PackageDescription

// The pkg-config name of the MPI to build against. Default: Open MPI's C interface
// (for MPICH: FURROW_MPI_PKG_CONFIG=mpich).
let mpi = Context.environment["FURROW_MPI_PKG_CONFIG"] ?? "ompi-c"

let package = Package(
    name: "furrow",
    products: [
        .library(name: "Furrow", targets: ["Furrow"]),
        .executable(name: "furrow", targets: ["FurrowTool"]),
        .executable(name: "anomaly-benchmark", targets: ["AnomalyBenchmark"]),
        .executable(name: "furrow-bench", targets: ["FurrowBench"]),
        .executable(name: "bare-start", targets: ["BareStart"]),
        .executable(name: "furrow-torture", targets: ["FurrowTorture"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CMPI", pkgConfig: mpi, providers: [.apt(["libopenmpi-dev"])]),
        .target(name: "MPI", dependencies: ["CMPI"]),
        // What stands between the launcher and a rank.
        .target(name: "CKeeper"),
        .target(name: "CLinux"),
        .target(
            name: "FurrowSystem",
            dependencies: [
                "CKeeper",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "FurrowConfiguration",
            dependencies: ["FurrowSystem", .product(name: "Yams", package: "Yams")]
        ),
        .target(name: "FurrowDevices", dependencies: ["FurrowSystem"]),
        .target(
            name: "FurrowScheduling",
            dependencies: [
                "FurrowSystem", .product(name: "DequeModule", package: "swift-collections"),
            ]
        ),
        .target(
            name: "FurrowRuns",
            dependencies: [
                "FurrowConfiguration", "FurrowDevices", "FurrowSystem",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // The dispatcher on a virtual cluster, for the tests and the benchmarks.
        .target(
            name: "FurrowSimulation",
            dependencies: [
                "FurrowScheduling", "FurrowSystem",
                .product(name: "HeapModule", package: "swift-collections"),
            ]
        ),
        // What people see of a run: pages, traces, figures. Made from what FurrowRuns reads.
        .target(
            name: "FurrowViews",
            dependencies: ["FurrowRuns", "FurrowSystem"],
            resources: [
                .embedInCode("Assets/report.css"),
                .embedInCode("Assets/basics.js"),
                .embedInCode("Assets/data.js"),
                .embedInCode("Assets/charts.js"),
                .embedInCode("Assets/overview.js"),
                .embedInCode("Assets/timeline.js"),
                .embedInCode("Assets/results.js"),
                .embedInCode("Assets/parallel.js"),
                .embedInCode("Assets/plots.js"),
                .embedInCode("Assets/figures.js"),
                .embedInCode("Assets/page.js"),
            ]
        ),
        // The hot path: code called for every job stays in one module.
        .target(
            name: "FurrowCore",
            dependencies: [
                "CLinux", "FurrowDevices", "FurrowRuns", "FurrowScheduling", "FurrowSystem", "MPI",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // Sweeps and tables of results, as values: nothing runs here.
        .target(
            name: "FurrowSweeps",
            dependencies: ["FurrowConfiguration", "FurrowRuns", "FurrowSystem"]
        ),
        // The product: the command line of applications, and everything they need.
        .target(
            name: "Furrow",
            dependencies: [
                "FurrowConfiguration", "FurrowCore", "FurrowDevices", "FurrowRuns",
                "FurrowScheduling", "FurrowSweeps", "FurrowSystem", "FurrowViews", "MPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "FurrowCommands",
            dependencies: [
                "CLinux", "Furrow", "FurrowCore", "FurrowDevices", "FurrowRuns",
                "FurrowScheduling", "FurrowSweeps", "FurrowSystem", "FurrowViews", "MPI",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            // The batch scripts for `furrow submit`, the pages of `furrow help`, and the program of
            // `furrow init`.
            resources: [
                .embedInCode("../../slurm/furrow.sbatch"),
                .embedInCode("../../slurm/furrow-gpu.sbatch"),
                .embedInCode("../../slurm/furrow-preemptible.sbatch"),
                .embedInCode("../Furrow/Furrow.docc/SweepFiles.md"),
                .embedInCode("../Furrow/Furrow.docc/TheRunDirectory.md"),
                .embedInCode("../Examples/Pendulum/Program.swift"),
                .embedInCode("../Examples/Pendulum/pendulum.yaml"),
            ]
        ),
        .executableTarget(
            name: "FurrowTool",
            dependencies: [
                "Furrow", "FurrowCommands", "FurrowSweeps", "FurrowViews", "MPI",
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
        // The same with MPI alone, in C: the lower bound of the benchmarks.
        .target(name: "CBareMPI", dependencies: ["CMPI"]),
        .executableTarget(name: "BareStart", dependencies: ["CMPI"]),
        .executableTarget(
            name: "FurrowBench",
            dependencies: [
                "BareStart", "CBareMPI", "Furrow", "FurrowCommands", "FurrowSimulation",
                "FurrowSweeps",
                "MPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Peers"]
        ),
        // Programs that the multi-rank tests start under mpirun.
        .executableTarget(
            name: "Scenarios",
            dependencies: [
                "Furrow", "MPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Scenarios"
        ),
        // The examples in Swift; the others beside them are sweeps. The README shows Periods.
        .executableTarget(
            name: "Periods",
            dependencies: ["Furrow"],
            path: "Sources/Examples/Periods"
        ),
        .executableTarget(
            name: "Pendulum",
            dependencies: [
                "Furrow", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Examples/Pendulum",
            exclude: ["pendulum.yaml"]
        ),
        .executableTarget(
            name: "Ensemble",
            dependencies: [
                "Furrow", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Examples/Ensemble",
            exclude: ["ensemble.yaml"]
        ),
        .executableTarget(
            name: "TiledEnsemble",
            dependencies: [
                "CDigits", "Furrow",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Examples/TiledEnsemble",
            exclude: ["tiled.yaml", "reference.py"]
        ),
        // What the tests of several targets share.
        .target(
            name: "TestSupport",
            dependencies: ["FurrowRuns", "FurrowSystem"],
            path: "Tests/TestSupport",
            // The library that lets calls fail, which is compiled where it is needed.
            resources: [.embedInCode("Faults/calls.c")]
        ),
        // Runs sweeps under all kinds of trouble, for as long as one likes.
        .executableTarget(
            name: "FurrowTorture",
            dependencies: [
                "FurrowSystem", "FurrowTool", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Torture"
        ),
        .testTarget(
            name: "FurrowSystemTests",
            dependencies: [
                "FurrowSystem", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(name: "FurrowConfigurationTests", dependencies: ["FurrowConfiguration"]),
        .testTarget(
            name: "FurrowDevicesTests",
            dependencies: ["FurrowDevices", "TestSupport"]
        ),
        .testTarget(
            name: "FurrowSchedulingTests",
            dependencies: ["FurrowScheduling", "FurrowSimulation", "FurrowSystem", "TestSupport"]
        ),
        .testTarget(
            name: "FurrowRunsTests",
            dependencies: ["FurrowRuns", "FurrowSystem", "TestSupport"]
        ),
        .testTarget(
            name: "FurrowViewsTests",
            dependencies: ["FurrowRuns", "FurrowSystem", "FurrowViews", "TestSupport"]
        ),
        .testTarget(
            name: "FurrowCoreTests",
            dependencies: [
                "FurrowCore", "FurrowRuns", "FurrowScheduling", "FurrowSystem", "MPI",
                "TestSupport",
            ]
        ),
        .testTarget(name: "FurrowTests", dependencies: ["Furrow", "TestSupport"]),
        .testTarget(
            name: "FurrowSweepsTests",
            dependencies: [
                "FurrowConfiguration", "FurrowRuns", "FurrowSweeps", "FurrowSystem", "TestSupport",
            ]
        ),
        .testTarget(
            name: "FurrowCommandsTests",
            dependencies: [
                "Furrow", "FurrowCommands", "FurrowRuns", "FurrowSweeps", "FurrowSystem",
                "FurrowTool", "TestSupport",
            ]
        ),
        // Reads the sources.
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "AnomalyBenchmarkTests", dependencies: ["AnomalyBenchmark"]),
        .testTarget(
            name: "RankTests",
            dependencies: [
                "AnomalyBenchmark", "Ensemble", "Furrow", "FurrowBench", "FurrowConfiguration",
                "FurrowTool", "FurrowTorture", "Pendulum", "Periods", "Scenarios", "TestSupport",
                "TiledEnsemble",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// The same rules for every target: imports are internal by default, and a file imports what it uses.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
for target in package.targets where target.type != .system {
    target.swiftSettings = settings
}

// The plugin of `make docs`. Other builds need not fetch and compile it.
if Context.environment["FURROW_DOCC_PLUGIN"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")
    )
}
