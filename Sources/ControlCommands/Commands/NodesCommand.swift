package import ArgumentParser

/// `asactl nodes`.
package struct NodesCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "nodes", abstract: "List the nodes, leave one out for a time, or shut one out.",
    discussion: """
      Examples:
        asactl nodes list
        asactl nodes exclude cas-3.example.com --until 4h --reason 'new disks'
        asactl nodes revoke cas-3.example.com
      """,
    subcommands: [
      NodesListCommand.self, NodesExcludeCommand.self, NodesIncludeCommand.self, NodesRevokeCommand.self,
      NodesDecommissionCommand.self,
    ])

  /// Made by ArgumentParser.
  package init() {}
}
