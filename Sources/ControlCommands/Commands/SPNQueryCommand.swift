package import ArgumentParser
import RotationCore

/// `asactl spn query`.
package struct SPNQueryCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Find SPNs in the whole forest.",
    discussion: """
      What setspn -F -Q does: a global catalog is asked, so that accounts of every domain of the forest are found. In the \
      pattern * stands for anything; every other character stands for itself, and case does not matter.

      The exit code is 0 if something was found, and 1 if nothing was.

      Examples:
        asactl spn query http/mail.example.com
        asactl spn query 'http/*.example.com' --json
      """)

  @Argument(help: ArgumentHelp("What to look for.", valueName: "pattern"), transform: RegistrationArguments.pattern)
  var pattern: String
  @Option(help: "How many objects to show at most.") var limit = 1000
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses a bound that is none.
  package func validate() throws {
    guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000") }
  }

  /// Asks and shows.
  package func execute(in environment: CommandEnvironment) async throws {
    let reached = try await AdministeredDirectory.reach(try directory.aim(in: environment), in: environment)
    let (pattern, limit) = (pattern, limit)
    let found = try await reached.forest { (port) throws(OperatorFault) in
      try await port.forestHolders(matching: pattern, limit: limit)
    }
    let fits = NamePattern.searching(pattern).matches
    let document = NameQueryDocument(
      pattern: pattern,
      holders: found.found.map { NameHolderDocument($0, showing: fits) }.sorted {
        $0.distinguishedName < $1.distinguishedName
      }, complete: found.isComplete)
    try Answer(environment.terminal, json: output.isJSON).print(document) { lines(document) }
    if document.holders.isEmpty { throw ExitCode(1) }
  }

  private func lines(_ document: NameQueryDocument) -> [String] {
    guard !document.holders.isEmpty else { return ["No SPN in the forest is like '\(pattern)'."] }
    let found = document.holders.flatMap { holder in
      ["\(holder.distinguishedName)\(holder.enabled == false ? "  (disabled)" : "")"]
        + holder.servicePrincipalNames.map { "  \($0)" }
    }
    let bound = document.complete ? [] : ["These are the first \(limit) objects, there are more; --limit shows more."]
    return found + bound
  }
}
