package import ArgumentParser

/// `asactl nodes`.
package struct NodesCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "nodes", abstract: "List the nodes, or shut one out.",
    subcommands: [NodesListCommand.self, NodesRevokeCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}
