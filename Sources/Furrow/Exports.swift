// `import Furrow` is enough: these modules have the types of its interface.
@_exported public import FurrowConfiguration
@_exported public import FurrowCore
@_exported public import FurrowDevices
@_exported public import FurrowRuns
@_exported public import FurrowScheduling
@_exported public import FurrowSystem
@_exported public import MPI
