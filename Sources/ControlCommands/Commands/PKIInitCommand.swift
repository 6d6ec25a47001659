package import ArgumentParser
import RotationCore

/// `asactl pki init`.
package struct PKIInitCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a certificate authority.",
    discussion: """
      Writes ca.pem, which rotator and nodes trust, and ca.key, sealed under a passphrase of at least \
      \(Passphrase.shortest) bytes. There is no way to recover a forgotten passphrase.

      Example: asactl pki init --directory /root/asa-ca
      """)

  @Option(help: ArgumentHelp("The directory to make it in (mode 0700).", valueName: "dir"), completion: .directory)
  var directory: String
  @Option(help: ArgumentHelp("The name of the authority.", valueName: "cn"))
  var name = "asa-rotator authority"
  @Option(help: ArgumentHelp("How long it is valid (1 to 36500).", valueName: "days"))
  var days = 3650
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks name and days.
  package func validate() throws {
    guard (1...36500).contains(days) else { throw ValidationError("--days must be 1 to 36500") }
    guard (1...64).contains(name.count), name == name.visible else {
      throw ValidationError("--name must have 1 to 64 printable characters")
    }
  }

  /// Makes the authority and prints its certificate.
  package func execute(in environment: CommandEnvironment) async throws {
    let authority = AuthorityDirectory(path: directory)
    try authority.checkEmpty()
    let secret = try await Passphrase(file: passphrase.passphraseFile, terminal: environment.terminal).new()
    let now = environment.now()
    let made = try CertificateAuthority.make(commonName: name, days: days, now: now)
    try authority.store(made, under: secret, cost: environment.sealingCost)
    let certificate = try CertificateReader.describe(made.certificate, file: authority.certificatePath, now: now)
    let document = IssuedDocument(certificate: certificate, key: authority.keyPath, authority: authority.certificatePath)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      CertificateRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
