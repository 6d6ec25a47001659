package import ArgumentParser
import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf
import WebProbe

/// `asactl verify`.
package struct VerifyCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Let every node prove now that it accepts a fresh Kerberos ticket. Changes nothing.",
    discussion: """
      The rotator gets a ticket for each SPN from the domain controller that it writes to, and every node opens it with the \
      keytab that is installed. With --full every domain controller is asked for tickets. The exit code is 0 only if all \
      accepted, else 69.

      With --http URL no agent is asked but the web server itself, as a browser would: asactl gets a new ticket for the host of \
      the URL, with your own sign-on (kinit) or with the rotator's (--as-rotator), connects to every address of every node, asks \
      for the URL under its shared name, and lets the server prove that it has the key (mutual authentication). It says under \
      which kvno the ticket was, and which slot that is on the node. TLS is checked for the shared name, and the negotiation is \
      bound to it (tls-server-end-point, RFC 5929), as Extended Protection on Windows demands.

      Examples:
        asactl verify --full
        asactl verify --http https://mail.example.com/owa/
        asactl verify --http https://mail.example.com/owa/ --node cas-1.example.com=192.0.2.11 --as-rotator
      """)

  @Flag(help: "Tickets of every domain controller.") var full = false

  @OptionGroup var account: AccountOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "With --http") var web: WebOptions
  @OptionGroup(title: "With --http, where tickets come from") var directory: DirectoryOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses a sign-on of one's own where the rotator asks.
  package func validate() throws {
    if web.target == nil, directory.isRotator || directory.realm != nil || !directory.controllers.isEmpty {
      throw ValidationError("--as-rotator, --realm and --dc belong to --http")
    }
  }

  /// Asks for the proofs and prints them.
  package func execute(in environment: CommandEnvironment) async throws {
    if let target = web.target { return try await verify(target, in: environment) }
    let terminal = environment.terminal
    let document = try await verification()
    try Answer(terminal, json: output.isJSON).print(document) {
      VerificationRendering(columns: terminal.size()?.columns, style: terminal.style).lines(document)
    }
    guard document.allAccepted else { throw ExitCode(OperatorFault.Kind.unavailable.exitCode) }
  }

  private func verification() async throws -> VerificationDocument {
    let request = Asa_Control_V1_VerifyRequest.with {
      $0.account = account.wireName
      $0.full = full
    }
    return try await connection.connection.changing { client in
      try await client.verify(request, options: ControlConnection.stream) { response in
        try await Self.collect(response.messages)
      }
    }
  }

  private static func collect(
    _ messages: RPCAsyncSequence<Asa_Control_V1_VerifyProgress, any Error>
  ) async throws -> VerificationDocument {
    var verdicts: [VerdictDocument] = []
    for try await message in messages {
      switch message.event {
      case .verdict(let verdict): verdicts.append(VerdictDocument(verdict))
      case .ended(let summary): return VerificationDocument(verdicts: verdicts, summary: summary)
      case .fault(let fault): throw FaultDocument(fault).operatorFault
      case nil: continue
      }
    }
    throw OperatorFault(
      .unavailable, "asa-rotatord", "the stream ended before all nodes had answered",
      remedy: "look at systemctl status asa-rotatord")
  }
}

extension VerifyCommand {
  private func verify(_ target: WebTarget, in environment: CommandEnvironment) async throws {
    let terminal = environment.terminal
    let probe = try web.probe(for: target)
    let reply = try await connection.connection.reading { try await $0.getStatus(.init(), options: ControlConnection.brief) }
    let account = try StatusDocument(reply).account(named: account.account, for: target)
    var options = directory
    options.realm = options.realm ?? account.realm
    let aim = try options.aim(in: environment)
    let verification = WebVerification(
      target, of: account,
      probe: { (address, ticket) async throws(OperatorFault) in try await probe.ask(address, with: ticket) },
      lookup: { (host) async throws(WebFailure) in try await HostLookup.ask(host, timeout: web.timeout) })
    let document = try await verification.document(
      nodes: web.nodes, tickets: aim.webTickets(for: target, of: account), isFull: full,
      progress: CountedProgress(terminal, isShown: terminal.canRedraw && !output.isJSON).show)
    try Answer(terminal, json: output.isJSON).print(document) {
      WebVerificationRendering(style: terminal.style).lines(document)
    }
    guard document.allAccepted else { throw ExitCode(OperatorFault.Kind.unavailable.exitCode) }
  }
}
