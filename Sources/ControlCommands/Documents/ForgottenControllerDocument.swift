package import ControlProtocol

/// What `asactl dc forget --json` prints.
package struct ForgottenControllerDocument: Encodable, Sendable, Equatable {
  /// The account.
  package var account: String
  /// The controller that was given up.
  package var controller: String
  /// The controller that writes go to from now on.
  package var successor: String
  /// The kvno that the successor has.
  package var version: UInt32
  /// The kvnos of the passwords that are set again there, oldest first.
  package var replays: [UInt32]

  /// Reads the daemon's message.
  package init(_ reply: Asa_Control_V1_ForgetControllerReply) {
    account = reply.account.visible
    controller = reply.controller.visible
    successor = reply.successor.visible
    version = reply.version
    replays = reply.replays
  }

  /// The same for a person.
  var lines: [String] {
    let next =
      replays.isEmpty
      ? "It has every password of ours."
      : "These are set again there now, oldest first: kvno \(replays.map(String.init).joined(separator: ", ")). See asactl status."
    return [
      "\(controller) is forgotten for \(account): it is written to \(successor) from now on, which has kvno \(version).", next,
    ]
  }
}
