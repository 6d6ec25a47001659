import Foundation
import Testing

/// A state of an installation in which somebody asks what a rotation would do.
struct DryRunState: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var options: [String] = []
  /// The exit code of the dry run, and what it says: the state is the one that its name tells.
  let status: Int32
  let says: String
  var enter: @Sendable (DryRunSite) async throws -> Void = { _ in }
  var leave: @Sendable (DryRunSite) async throws -> Void = { _ in }

  /// In the order in which one leads to the other.
  static let all = beforeFirstRotation + nodesAway + directoryChanged + policyAndOptions + accountLost
}

extension DryRunState {
  private static let beforeFirstRotation = [
    DryRunState(
      testDescription: "a new account: no SPN is registered, no node holds a key", status: 0,
      says: "its SPNs are not registered yet"),
    DryRunState(
      testDescription: "rotated once, the SPNs are still not registered", status: 0, says: "its SPNs are not registered yet",
      enter: { try await $0.rotate() }),
    DryRunState(
      testDescription: "never rotated, nodes have keytabs, no domain controller can be reached", status: 69,
      says: DryRunSite.proxy,
      enter: { try await $0.beginAnew() }),
    DryRunState(
      testDescription: "never rotated, no node knows yet whether its keytab is the right one", status: 0, says: "2 -> 3",
      enter: { site in
        try site.findController()
        for node in site.nodes { #expect(try await site.cluster.slots(of: node)["latest"] == nil) }
      }),
    DryRunState(
      testDescription: "never rotated, every node has proven its keytab", status: 0, says: "2 -> 3",
      enter: { site in
        try await site.asactl("verify")
        for node in site.nodes { #expect(try await site.cluster.slots(of: node)["latest"] == 2) }
      }),
    DryRunState(testDescription: "after a rotation", status: 0, says: "3 -> 4", enter: { try await $0.rotate() }),
  ]

  private static let nodesAway = [
    DryRunState(
      testDescription: "a node is away, enough are left", status: 0, says: "is left behind and caught up when it returns",
      enter: { try await $0.takeAway($0.nodes[2]) }),
    DryRunState(
      testDescription: "two nodes are away, too few are left", status: 69, says: "1 of 3 nodes are ready, 2 are required",
      enter: { try await $0.takeAway($0.nodes[1]) }, leave: { try await $0.bringBack([$0.nodes[1], $0.nodes[2]]) }),
    DryRunState(
      testDescription: "a node is excluded", status: 0, says: "3 -> 4",
      enter: { try await $0.asactl("nodes", "exclude", $0.nodes[2], "--until", "1h", "--reason", "new disks") },
      leave: { try await $0.asactl("nodes", "include", $0.nodes[2]) }),
    DryRunState(
      testDescription: "the keys were removed from a node", status: 0, says: "3 -> 4",
      enter: { try await $0.asactl("credential", "remove", $0.nodes[2], "--yes") },
      leave: { try await $0.asactl("credential", "copy", "--to", $0.nodes[2]) }),
  ]

  private static let directoryChanged = [
    DryRunState(
      testDescription: "an SPN is missing", status: 66, says: "SPN \(DryRunSite.servicePrincipalName): is not registered",
      enter: { try await $0.cluster.changeAccount("delete: servicePrincipalName") }, leave: { try await $0.registerName() }),
    DryRunState(
      testDescription: "the account is disabled", status: 66, says: "is disabled",
      enter: { try await $0.cluster.changeAccount("replace: userAccountControl", "userAccountControl: 4098") },
      leave: { try await $0.cluster.changeAccount("replace: userAccountControl", "userAccountControl: 4096") }),
    DryRunState(
      testDescription: "no domain controller can be reached any more", status: 69, says: DryRunSite.nowhere,
      enter: { try await $0.pointElsewhere(true) }, leave: { try await $0.pointElsewhere(false) }),
    DryRunState(
      testDescription: "somebody else has set the password", status: 0, says: "foreignKey",
      enter: { try await $0.cluster.setPasswordElsewhere() }, leave: { try await $0.rotateAfterBackup() }),
  ]

  private static let policyAndOptions = [
    DryRunState(
      testDescription: "paused", status: 0, says: "5 -> 6", enter: { try await $0.asactl("pause", "--reason", "moving house") },
      leave: { try await $0.asactl("resume") }),
    DryRunState(
      testDescription: "as many keys as slotLimit permits are held", status: 75, says: "the limit is 2",
      enter: { try await $0.setPolicy("\(DryRunSite.policy), slotLimit: 2") },
      leave: { try await $0.setPolicy(DryRunSite.policy) }),
    DryRunState(
      testDescription: "a rotation is in progress", status: 75, says: "is in progress",
      enter: { try await $0.cluster.holdRotation() },
      leave: { try await $0.cluster.letRotationEnd() }),
    DryRunState(
      testDescription: "--compromised, with a node to shut out",
      options: ["--compromised", "--reason", "a stolen node", "--shut-out", "dryrun-3.lab.example"], status: 0,
      says: "dryrun-3.lab.example"),
    DryRunState(
      testDescription: "--to-entire-forest", options: ["--to-entire-forest", "--verbose"], status: 0, says: "6 -> 7"),
    DryRunState(testDescription: "--to-array-members", options: ["--to-array-members", "MA*"], status: 0, says: "6 -> 7"),
    DryRunState(
      testDescription: "--to-specific-servers that leaves nodes of the account out",
      options: ["--to-specific-servers", "dryrun-1.lab.example"], status: 64, says: "dryrun-2.lab.example"),
    DryRunState(
      testDescription: "--take-over where there is nobody to take it over from", options: ["--take-over"], status: 64,
      says: "there is nobody to take it over from"),
    DryRunState(
      testDescription: "a node is revoked", status: 0, says: "6 -> 7",
      enter: { try await $0.asactl("nodes", "revoke", $0.nodes[2], "--yes") }),
  ]

  private static let accountLost = [
    DryRunState(
      testDescription: "another rotator has claimed the account, and this one does not know yet", status: 75,
      says: "asactl rotate --take-over", enter: { try await $0.stampByAnother() }),
    DryRunState(
      testDescription: "another rotator has claimed the account", status: 75, says: "asactl rotate --take-over",
      enter: { try await $0.learnLoss() }),
    DryRunState(
      testDescription: "--take-over from another rotator", options: ["--take-over"], status: 0, says: "other-rotator",
      leave: { try await $0.restoreStamp() }),
    DryRunState(
      testDescription: "the store is behind the directory", status: 65, says: "the store is behind the directory",
      enter: { try await $0.restoreOlderStore() }),
  ]
}
