import ArgumentParser

/// Where the running asa-rotatord is found.
struct ConnectionOptions: ParsableArguments, Sendable {
  /// Where they are unless something else is configured.
  static let standardDirectory = "/run/asa-rotator"

  @Option(
    name: .customLong("socket-directory"),
    help: ArgumentHelp("The directory of status.sock and control.sock.", valueName: "dir"), completion: .directory)
  var socketDirectory = Self.standardDirectory

  /// The connection to it.
  var connection: ControlConnection { ControlConnection(directory: socketDirectory) }
}

/// How the answer is printed.
struct OutputOptions: ParsableArguments, Sendable {
  @Flag(name: .customLong("json"), help: "Print JSON instead of text; json.md in the documentation describes it.")
  var isJSON = false
}

/// Which account is meant.
struct AccountOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("account"),
    help: ArgumentHelp("The account; may be left out where only one is configured.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?

  /// The name for the wire, empty for the only one.
  var wireName: String { account ?? "" }
}

/// Which accounts are meant.
struct AccountSelection: ParsableArguments, Sendable {
  @Option(
    name: .customLong("account"), help: ArgumentHelp("This account only; without it all of them.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?

  /// The name for the wire, empty for all.
  var wireName: String { account ?? "" }
}

/// Where the passphrase of the authority's key comes from.
struct PassphraseOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("passphrase-file"),
    help: ArgumentHelp(
      "A file whose first line is the passphrase of the authority's key (mode 0600); without it you are asked.",
      valueName: "file"), completion: .file())
  var passphraseFile: String?
}
