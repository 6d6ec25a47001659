package import ArgumentParser
import RotationCore

/// `asactl pki issue`.
package struct PKIIssueCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Issue a certificate for the rotator or for one node.",
    discussion: """
      Writes key.pem (mode 0600, not encrypted), certificate.pem and ca.pem. A node's certificate serves TLS clients \
      only, the rotator's TLS servers only; each has exactly one DNS name. Validity begins now, so a certificate issued \
      after a revocation lets the node back in.

      Examples:
        asactl pki issue --directory /root/asa-ca --role rotator --name rotator.example.com --out /etc/asa-rotator/pki
        asactl pki issue --directory /root/asa-ca --role node --name cas-1.example.com
      """)

  @Option(help: ArgumentHelp("The directory of the authority.", valueName: "dir"), completion: .directory)
  var directory: String
  @Option(help: "What it is for.")
  var role: CertificateRole
  @Option(help: ArgumentHelp("The host name, as in rotator.yaml and agent.yaml.", valueName: "dnsname"))
  var name: String
  @Option(
    help: ArgumentHelp("Where to write the files (default: issued/NAME in the authority's directory).", valueName: "dir"),
    completion: .directory)
  var out: String?
  @Option(help: ArgumentHelp("How long it is valid (1 to 3650).", valueName: "days"))
  var days = 398
  @Flag(help: "Replace files that exist.")
  var replace = false
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks the days.
  package func validate() throws {
    guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
  }

  /// Issues the certificate and prints it.
  package func execute(in environment: CommandEnvironment) async throws {
    let name = try CertificateName(name).text
    let directory = AuthorityDirectory(path: directory)
    let files = IssuedFiles(directory: out ?? "\(directory.path)/issued/\(name)")
    try directory.checkPresent()
    try files.checkFree(replacing: replace)
    let secret = try await Passphrase(file: passphrase.passphraseFile, terminal: environment.terminal).existing()
    let authority = try directory.open(with: secret)
    let now = environment.now()
    let issued = try authority.issue(role: role, name: name, days: days, now: now)
    try files.store(issued, authority: authority.certificate, replacing: replace)
    let certificate = try CertificateReader.describe(issued.certificate, file: files.certificatePath, now: now)
    let document = IssuedDocument(certificate: certificate, key: files.keyPath, authority: files.authorityPath)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      CertificateRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
