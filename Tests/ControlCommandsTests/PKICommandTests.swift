import ChildProcesses
import ControlCommands
import Crypto
import Foundation
import Testing
import X509

@Suite("asactl pki")
struct PKICommandTests {
  /// An authority made by `pki init`, with its passphrase in a file; real time, because openssl and the verifier look at the clock.
  private final class Authority: Sendable {
    let home: TemporaryDirectory
    let passphrase: String
    var directory: String { "\(home.path)/ca" }
    var certificate: String { "\(directory)/ca.pem" }

    init() async throws {
      home = try TemporaryDirectory()
      passphrase = try home.write("passphrase", "correct horse battery\n")
      let run = await CommandRun.run(
        ["pki", "init", "--directory", "\(home.path)/ca", "--passphrase-file", passphrase], now: .now)
      try #require(run.code == 0, "\(run.errors)")
    }

    func issue(_ role: String, _ name: String, _ more: [String] = []) async -> CommandRun {
      await CommandRun.run(
        ["pki", "issue", "--directory", directory, "--role", role, "--name", name, "--passphrase-file", passphrase] + more,
        now: .now)
    }

    func file(_ node: String, _ name: String) -> String { "\(directory)/issued/\(node)/\(name)" }
  }

  @Test("The authority's directory, key and certificate have the modes that keep the key private")
  func authorityModes() async throws {
    let authority = try await Authority()
    #expect(try TemporaryDirectory.mode(authority.directory) == 0o700)
    #expect(try TemporaryDirectory.mode("\(authority.directory)/ca.key") == 0o600)
    #expect(try TemporaryDirectory.mode(authority.certificate) == 0o644)
  }

  /// The openssl command, as an independent reader of what we write.
  private static func openssl(_ arguments: String...) throws -> FinishedCommand {
    try FinishedCommand(running: ["openssl"] + arguments)
  }

  @Test(
    "openssl accepts each role for its own purpose and refuses it for the other",
    arguments: [("node", "sslclient", "sslserver"), ("rotator", "sslserver", "sslclient")])
  func purposes(_ role: String, _ own: String, _ other: String) async throws {
    let authority = try await Authority()
    #expect(await authority.issue(role, "cas-1.lab.example").code == 0)
    let certificate = authority.file("cas-1.lab.example", "certificate.pem")
    let accepted = try Self.openssl("verify", "-x509_strict", "-CAfile", authority.certificate, "-purpose", own, certificate)
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(try Self.openssl("verify", "-CAfile", authority.certificate, "-purpose", other, certificate).status != 0)
  }

  @Test("openssl reads the issued key, which belongs to the certificate and is for its owner alone")
  func keyFits() async throws {
    let authority = try await Authority()
    #expect(await authority.issue("node", "cas-1.lab.example").code == 0)
    let key = authority.file("cas-1.lab.example", "key.pem")
    let fromKey = try Self.openssl("pkey", "-in", key, "-pubout")
    let fromCertificate = try Self.openssl(
      "x509", "-in", authority.file("cas-1.lab.example", "certificate.pem"), "-noout", "-pubkey")
    #expect(fromKey.status == 0)
    #expect(fromKey.output == fromCertificate.output)
    #expect(try TemporaryDirectory.text(key).hasPrefix("-----BEGIN PRIVATE KEY-----"))
    #expect(try TemporaryDirectory.mode(key) == 0o600)
  }

  @Test("A certificate begins in the second in which it is issued, not before")
  func notBackdated() async throws {
    let authority = try await Authority()
    let before = Date(timeIntervalSince1970: Date.now.timeIntervalSince1970.rounded(.down))
    #expect(await authority.issue("node", "cas-1.lab.example").code == 0)
    let certificate = try #require(
      try CertificateReader.certificates(in: authority.file("cas-1.lab.example", "certificate.pem")).first)
    #expect(certificate.notValidBefore >= before)
    #expect(certificate.notValidBefore <= .now)
  }

  @Test("Exactly one DNS name, in lower case, whatever case it was given in")
  func oneName() async throws {
    let authority = try await Authority()
    #expect(await authority.issue("node", "CAS-1.Lab.Example").code == 0)
    let run = await CommandRun.run(["pki", "show", authority.file("cas-1.lab.example", "certificate.pem")], now: .now)
    #expect(run.output.contains("  DNS names:    cas-1.lab.example\n"))
    #expect(run.output.contains("  Role:         node\n"))
  }

  @Test("Names that are not one host are refused", arguments: ["*.lab.example", "192.0.2.7", "a b", "cas_1.lab.example", ""])
  func refusesNames(_ name: String) async throws {
    let authority = try await Authority()
    let run = await authority.issue("node", name)
    #expect(run.code == 64)
    #expect(run.errors.contains("is not a DNS host name"))
  }

  @Test("A second authority in the same directory is refused and the first left as it was")
  func refusesSecondAuthority() async throws {
    let authority = try await Authority()
    let before = try TemporaryDirectory.text("\(authority.directory)/ca.key")
    let run = await CommandRun.run(
      ["pki", "init", "--directory", authority.directory, "--passphrase-file", authority.passphrase], now: .now)
    #expect(run.code == 73)
    #expect(try TemporaryDirectory.text("\(authority.directory)/ca.key") == before)
  }

  @Test("Issued files are replaced only with --replace")
  func replacesOnRequest() async throws {
    let authority = try await Authority()
    #expect(await authority.issue("node", "cas-1.lab.example").code == 0)
    let key = authority.file("cas-1.lab.example", "key.pem")
    let before = try TemporaryDirectory.text(key)
    let refused = await authority.issue("node", "cas-1.lab.example")
    #expect(refused.code == 73)
    #expect(refused.errors.contains("--replace"))
    #expect(try TemporaryDirectory.text(key) == before)
    #expect(await authority.issue("node", "cas-1.lab.example", ["--replace"]).code == 0)
    #expect(try TemporaryDirectory.text(key) != before)
  }

  @Test("A wrong passphrase does not open the authority")
  func wrongPassphrase() async throws {
    let authority = try await Authority()
    let wrong = try authority.home.write("wrong", "incorrect horse battery\n")
    let run = await CommandRun.run(
      [
        "pki", "issue", "--directory", authority.directory, "--role", "node", "--name", "cas-1.lab.example",
        "--passphrase-file", wrong,
      ], now: .now)
    #expect(run.code == 77)
    #expect(
      run.errors == "asactl: \(authority.directory)/ca.key: the passphrase does not open it; give the one chosen at pki init\n")
  }

  @Test("A certificate may not outlive its authority")
  func refusesToOutlive() async throws {
    let authority = try await Authority()
    let run = await CommandRun.run(
      [
        "pki", "issue", "--directory", authority.directory, "--role", "node", "--name", "cas-1.lab.example",
        "--passphrase-file", authority.passphrase, "--days", "3650",
      ], now: .now.addingTimeInterval(86400 * 100))
    #expect(run.code == 64)
    #expect(run.errors.contains("use --days 35"))
  }

  @Test("A passphrase file that others may read is refused")
  func refusesReadablePassphrase() async throws {
    let home = try TemporaryDirectory()
    let file = try home.write("passphrase", "correct horse battery\n", mode: 0o640)
    let run = await CommandRun.run(["pki", "init", "--directory", "\(home.path)/ca", "--passphrase-file", file])
    #expect(run.code == 77)
    #expect(run.errors.contains("chmod 600"))
    #expect(!FileManager.default.fileExists(atPath: "\(home.path)/ca"))
  }

  @Test(
    "A passphrase that is too short, or typed differently the second time, makes no authority",
    arguments: [["short"], ["correct horse battery", "correct horse bettery"], []])
  func refusesPassphrase(_ typed: [String]) async throws {
    let home = try TemporaryDirectory()
    let run = await CommandRun.run(
      ["pki", "init", "--directory", "\(home.path)/ca"], recorder: RecordedTerminal(secrets: typed), isInteractive: true)
    #expect(run.code == 64)
    #expect(!FileManager.default.fileExists(atPath: "\(home.path)/ca"))
  }

  @Test("On a terminal the passphrase is asked for twice")
  func asksTwice() async throws {
    let home = try TemporaryDirectory()
    let typed = ["correct horse battery", "correct horse battery"]
    let run = await CommandRun.run(
      ["pki", "init", "--directory", "\(home.path)/ca"], recorder: RecordedTerminal(secrets: typed), isInteractive: true)
    #expect(run.code == 0)
    #expect(run.questions.count == 2)
  }

  @Test("A certificate issued this second has all of its days left")
  func daysLeft() async throws {
    let authority = try await Authority()
    let run = await authority.issue("node", "cas-1.lab.example", ["--days", "20"])
    #expect(run.output.contains(" (20 days left)\n"))
  }

  @Test("A certificate is held against the authority that is named", arguments: [(true, 0), (false, 65)] as [(Bool, Int32)])
  func chains(_ isOwn: Bool, _ code: Int32) async throws {
    let authority = try await Authority()
    let other = try await Authority()
    #expect(await authority.issue("node", "cas-1.lab.example").code == 0)
    let ca = isOwn ? authority.certificate : other.certificate
    let run = await CommandRun.run(
      ["pki", "show", "--ca", ca, authority.file("cas-1.lab.example", "certificate.pem")], now: .now)
    #expect(run.code == code)
    #expect(run.output.contains("  Chains to CA: \(isOwn ? "yes" : "no")\n"))
  }

  @Test("The fingerprint and the serial are those that openssl shows")
  func fingerprint() async throws {
    let authority = try await Authority()
    let run = await CommandRun.run(["pki", "show", authority.certificate, "--json"], now: .now)
    let openssl = try Self.openssl("x509", "-in", authority.certificate, "-noout", "-fingerprint", "-sha256", "-serial")
    let values = openssl.output.split(separator: "\n").map { $0.drop { $0 != "=" }.dropFirst() }
    #expect(run.output.contains("\"fingerprint\" : \"\(values[0])\""))
    #expect(run.output.contains("\"serial\" : \"\(values[1])\""))
    #expect(run.output.contains("\"role\" : \"authority\""))
  }

  @Test("What is no certificate is refused by name")
  func refusesOtherFiles() async throws {
    let home = try TemporaryDirectory()
    let file = try home.write("notes.txt", "nothing\n")
    let run = await CommandRun.run(["pki", "show", file])
    #expect(run.code == 65)
    #expect(run.errors.contains("\(file): holds no certificate"))
  }
}
