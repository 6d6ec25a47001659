import ArgumentParser
import Configuration
import Foundation
import RotationCore

/// Which directory a command talks to by itself, without the rotator, and as whom.
struct DirectoryOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("The rotator's configuration, which names realms, domain controllers and accounts.", valueName: "file"),
    completion: .file())
  var configuration = CheckConfigCommand.rotatorDefault
  @Option(help: ArgumentHelp("The Kerberos realm; may be left out where the configuration has only one.", valueName: "REALM"))
  var realm: String?
  @Option(
    name: .customLong("dc"),
    help: ArgumentHelp(
      "A domain controller to talk to instead of those of the configuration or of DNS; may be repeated.",
      valueName: "name[=address]"))
  var controllers: [String] = []
  @Flag(name: .customLong("as-rotator"), help: "Sign on with the rotator's keytab instead of your own ticket.")
  var isRotator = false

  /// Refuses names that cannot be one.
  func validate() throws {
    for text in controllers where Self.controller(text) == nil {
      throw ValidationError("--dc '\(text)' is not of the form dc1.example.com or dc1.example.com=192.0.2.10")
    }
    if let realm, realm.isEmpty || realm.contains(where: { $0.isWhitespace || $0 == "@" || $0 == "/" }) {
      throw ValidationError("--realm '\(realm)' is no realm, write it as EXAMPLE.COM")
    }
  }

  /// The directory that an account lives in, or that is the only one.
  ///
  /// - Parameter account: The account that the command is about, where it is about one.
  /// - Throws: ``OperatorFault`` of kind `.usage` if it does not follow which directory is meant, and the faults of the configuration file.
  func aim(at account: AccountName? = nil, in environment: CommandEnvironment) throws(OperatorFault) -> DirectoryAim {
    let configured = try rotatorConfiguration()
    let directory = try directory(of: account, in: configured)
    let realm = directory?.realm ?? realm.map { Realm($0) }
    guard let realm else {
      throw OperatorFault(
        .usage, "the directory", "is not known: there is no \(configuration), and no --realm",
        remedy: "give --realm EXAMPLE.COM, and --dc where DNS does not name the domain controllers")
    }
    let named = controllers.compactMap(Self.controller)
    return DirectoryAim(
      realm: realm, controllers: named.isEmpty ? directory?.controllers ?? [] : named, site: directory?.site,
      writer: named.isEmpty ? directory?.writer ?? .pdcEmulator : .pdcEmulator,
      signOn: try signOn(directory, in: environment), timeout: directory?.timeout ?? .seconds(10),
      rotatorPrincipal: directory?.principal, stampAttribute: directory.map(\.stampAttribute) ?? "adminDescription",
      accounts: configured?.accounts.filter { $0.realm == realm } ?? [])
  }

  /// What the rotator's configuration says; `nil` where this host has none and none was asked for.
  ///
  /// - Throws: ``OperatorFault``: the first fault of the file.
  func rotatorConfiguration() throws(OperatorFault) -> RotatorConfiguration? {
    let isDefault = configuration == CheckConfigCommand.rotatorDefault
    guard !isDefault || FileManager.default.fileExists(atPath: configuration) else { return nil }
    return try RotatorConfiguration.load(path: configuration)
  }

  private func directory(
    of account: AccountName?, in configured: RotatorConfiguration?
  ) throws(OperatorFault) -> DirectoryConfiguration? {
    guard let configured else { return nil }
    if let realm { return configured.directories.first { $0.realm == Realm(realm) } }
    if let known = configured.accounts.first(where: { $0.name == account }) {
      return configured.directories.first { $0.realm == known.realm }
    }
    guard configured.directories.count == 1 else {
      throw OperatorFault(
        .usage, "the directory", "is one of " + configured.directories.map(\.realm.description).joined(separator: ", "),
        remedy: "say which with --realm")
    }
    return configured.directories.first
  }

  private func signOn(
    _ directory: DirectoryConfiguration?, in environment: CommandEnvironment
  ) throws(OperatorFault) -> DirectoryAim.SignOn {
    guard isRotator else {
      if let cache = environment.ticketCache { return .ticketCache(cache) }
      throw OperatorFault(
        .configuration, "krb5.conf", "libkrb5 cannot read it, so your ticket cache is not known",
        remedy: "correct /etc/krb5.conf or KRB5_CONFIG")
    }
    guard let directory else {
      throw OperatorFault(
        .usage, "--as-rotator", "needs the rotator's configuration, which names its keytab",
        remedy: "give --config, or sign on with kinit and leave out --as-rotator")
    }
    return .keytab(principal: directory.principal, path: directory.keytab)
  }

  /// Reads `name` or `name=address`; `nil` if it is neither.
  static func controller(_ text: String) -> DirectoryConfiguration.Controller? {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    let fits = { (part: String) in !part.isEmpty && part.allSatisfy { $0.isASCII && !$0.isWhitespace && $0 != "/" } }
    guard parts.count <= 2, parts.allSatisfy(fits) else { return nil }
    return DirectoryConfiguration.Controller(name: parts[0].lowercased(), address: parts.count == 2 ? parts[1] : nil)
  }
}
