import Foundation
import RotationTestSupport
import Testing

@Suite("Secrets and what commands print")
struct SecretContractTests {
  @Test("No command that meets a passphrase, a store key or a private key prints any of it", arguments: [[], ["--json"]])
  func localCommands(_ flags: [String]) async throws {
    let local = try await LocalRuns(flags: flags)
    let search = SecretSearch(local.secrets)
    for (command, run) in local.runs {
      #expect(!run.output.isEmpty, "asactl \(command): \(run.errors)")
      #expect(!search.finds(in: Array((run.output + run.errors).utf8)), "asactl \(command)")
    }
  }

  @Test("A secret would be found, in whatever form it is printed", .tags(.control))
  func findsSecrets() async throws {
    let secrets = try await LocalRuns().secrets
    #expect(secrets.allSatisfy { $0.count >= 16 })
    for secret in secrets {
      for form in SecretSearch.encodings(of: secret) { #expect(SecretSearch(secrets).finds(in: Array("key: ".utf8) + form)) }
    }
  }

  @Test("What a rotator answers cannot carry a secret: its messages have no bytes")
  func messagesHaveNoBytes() throws {
    #expect(try Self.bytesFields("Sources/ControlProtocol/asa_control_v1.proto") == [])
    #expect(
      try !Self.bytesFields("Sources/AgentProtocol/asa_agent_v1.proto").isEmpty, "and where there are some, they are found")
  }

  private static func bytesFields(_ file: String) throws -> [String] {
    try PackageTree.text(file).split(separator: "\n").map(String.init).filter {
      $0.contains(/^\s*(?:repeated |optional )?bytes\s/)
    }
  }

  @Test("No document and nothing that renders one knows a type that holds a secret", arguments: ["Documents", "Rendering"])
  func documentsHoldNoSecrets(_ folder: String) throws {
    let sources = try Self.sources(of: folder)
    #expect(!sources.isEmpty)
    for (name, text) in sources { #expect(!text.contains(Self.secretTypes), "\(name)") }
  }

  @Test("A type that holds one would be found", .tags(.control))
  func findsSecretTypes() throws {
    #expect(try Self.sources(of: "PKI").contains { $0.text.contains(Self.secretTypes) })
  }

  private static var secretTypes: Regex<Substring> {
    /\b(?:SecretBytes|AccountKeys|GeneratedPassword|SymmetricKey|PrivateKey|Passphrase|SecretMemory)\b/
  }

  private static func sources(of folder: String) throws -> [(name: String, text: String)] {
    let directory = PackageTree.root.appending(path: "Sources/ControlCommands/\(folder)")
    return try FileManager.default.contentsOfDirectory(atPath: directory.path).map { name in
      (name, try PackageTree.text("Sources/ControlCommands/\(folder)/\(name)"))
    }
  }
}
