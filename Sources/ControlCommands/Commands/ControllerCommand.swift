package import ArgumentParser

/// `asactl dc`.
package struct ControllerCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "dc", abstract: "Deal with domain controllers.", subcommands: [ControllerForgetCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}
