package import ArgumentParser
import RotationCore
import X509

/// `asactl pki show`.
package struct PKIShowCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show certificates: names, role, validity, fingerprint.",
    discussion: """
      With --ca also whether each is valid now and chains to that authority; if one does not, the exit code is 65.

      Example: asactl pki show --ca /root/asa-ca/ca.pem /etc/asa-agent/pki/certificate.pem
      """)

  @Argument(help: ArgumentHelp("The PEM files.", valueName: "file"), completion: .file())
  var files: [String]
  @Option(help: ArgumentHelp("The authority's certificates to check against.", valueName: "file"), completion: .file())
  var ca: String?
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Reads the certificates and prints them.
  package func execute(in environment: CommandEnvironment) async throws {
    let authorities = try ca.map { try CertificateReader.certificates(in: $0) }
    var document = CertificatesDocument(certificates: [])
    for file in files {
      for certificate in try CertificateReader.certificates(in: file) {
        document.certificates.append(try await describe(certificate, file, authorities, environment))
      }
    }
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      CertificateRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
    if document.certificates.contains(where: { $0.trusted == false }) { throw ExitCode(OperatorFault.Kind.data.exitCode) }
  }

  private func describe(
    _ certificate: Certificate, _ file: String, _ authorities: [Certificate]?, _ environment: CommandEnvironment
  ) async throws -> CertificateDocument {
    let now = environment.now()
    var document = try CertificateReader.describe(certificate, file: file, now: now)
    if let authorities { document.trusted = await CertificateReader.chains(certificate, to: authorities) }
    return document
  }
}
