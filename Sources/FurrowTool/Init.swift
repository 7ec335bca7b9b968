import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow init`
struct Init: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a package of an application in Swift, to start from.",
        discussion: "Example: furrow init sweep --furrow ../furrow"
    )

    @Argument(help: "The name of the package, of its folder and of its program.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "Where Furrow is: a folder, absolute or from the new one, or a URL.",
            valueName: "place"
        )
    )
    var furrow = "../furrow"

    func run() throws {
        let package = try NewPackage(name, furrow: furrow)
        try package.write()
        print(package.hint)
    }
}
