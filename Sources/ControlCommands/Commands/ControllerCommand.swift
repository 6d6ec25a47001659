package import ArgumentParser

/// `asactl dc`.
package struct ControllerCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "dc", abstract: "Deal with domain controllers.", discussion: "Example: asactl dc forget dc1.example.com",
    subcommands: [ControllerForgetCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}
