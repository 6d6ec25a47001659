import ArgumentParser
import ControlProtocol
import GRPCCore
import SwiftProtobuf

/// The names that a shell offers while an argument is typed, as the running rotator knows them.
///
/// A rotator that is not there, does not answer at once or may not be asked by this user offers nothing, and says nothing: nobody who
/// presses a key wants to read why.
package enum LiveCompletion {
  /// How long a rotator may take to answer: longer than one at work needs, shorter than anybody waits for a shell.
  @TaskLocal package static var patience = Duration.seconds(1)

  /// The accounts.
  static let account = names { reply in reply.accounts.map(\.account) }

  /// The nodes.
  static let node = names(from: nodes) { reply in reply.nodes.map(\.node) }

  /// The arrays.
  static let array = names(from: nodes) { reply in reply.nodes.flatMap(\.arrays) }

  /// The domain controllers.
  static let controller = names { reply in reply.accounts.flatMap { $0.controllers.map(\.name) } }

  /// The SPNs.
  static let servicePrincipalName = names { reply in reply.accounts.flatMap(\.servicePrincipalNames) }

  /// The ids of the newest rotations.
  static let rotation = names(from: records) { reply in reply.records.map(\.rotation) }

  private typealias Client = Asa_Control_V1_StatusService.Client<ControlConnection.Transport>

  private static var inTime: CallOptions { ControlConnection.answered(within: patience) }

  private static let status: @Sendable (Client) async throws -> Asa_Control_V1_StatusReply = {
    try await $0.getStatus(.init(), options: inTime)
  }

  private static let nodes: @Sendable (Client) async throws -> Asa_Control_V1_ListNodesReply = {
    try await $0.listNodes(.init(), options: inTime)
  }

  private static let records: @Sendable (Client) async throws -> Asa_Control_V1_HistoryReply = {
    try await $0.getHistory(.with { $0.limit = 50 }, options: inTime)
  }

  private static func names(_ read: @escaping @Sendable (Asa_Control_V1_StatusReply) -> [String]) -> CompletionKind {
    names(from: status, read)
  }

  private static func names<Reply: Sendable>(
    from ask: @escaping @Sendable (Client) async throws -> Reply, _ read: @escaping @Sendable (Reply) -> [String]
  ) -> CompletionKind {
    .custom { words, _, _ in
      let directory = TypedWords(words).value(of: "--socket-directory") ?? ConnectionOptions.standardDirectory
      guard let reply = try? await ControlConnection(directory: directory).reading(ask) else { return [] }
      let names = Set(read(reply).filter { !$0.isEmpty && $0 == $0.visible })
      return names.sorted().map { CompletionShell.requesting == .bash ? TypedWords.quotedForBash($0) : $0 }
    }
  }
}
