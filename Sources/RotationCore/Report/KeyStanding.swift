package import Foundation

/// What becomes of one key: destroyed, to be destroyed, or kept, and why.
package struct KeyStanding: Sendable, Equatable {
  /// The rotation that made it.
  package var rotation: RotationID
  /// The kvno.
  package var version: KeyVersion
  /// When it was destroyed; `nil`: it exists.
  package var destroyedAt: Date?
  /// When it may be destroyed; `nil`: nothing limits it yet, or it is gone.
  package var until: Date?
  /// Why it stays, or why it went.
  package var reason: String
}

extension SlotLedger {
  /// What becomes of every listed key, newest first.
  package func standings(_ policy: RotationPolicy) -> [KeyStanding] {
    slots.map { slot in
      var standing = KeyStanding(
        rotation: slot.rotation, version: slot.version, until: retireAfter(slot, policy: policy),
        reason: reason(for: slot, policy))
      if case .destroyed(let time) = slot.state { standing.destroyedAt = time }
      return standing
    }
  }

  private func reason(for slot: Slot, _ policy: RotationPolicy) -> String {
    switch slot.state {
    case .destroyed: return isCompromised(slot) ? "it was compromised" : "no ticket under it can be alive"
    case .staged: return "a rotation is putting it on the nodes"
    case .live where slot.rotation == latest?.rotation: return "domain controllers issue tickets under it"
    case .live, .held: return reasonToKeep(slot, policy)
    }
  }

  private func reasonToKeep(_ slot: Slot, _ policy: RotationPolicy) -> String {
    if slot.awaitsReplay == true { return "its password is to be set again, since a domain controller was lost" }
    guard slot.superseded != nil else {
      return laggards.isEmpty
        ? "the directory may come to issue tickets under it"
        : "\(laggards.joined(separator: ", ")) may still issue tickets under it"
    }
    if isCompromised(slot) { return "it is compromised and ends at once" }
    if policy.previous == .keep, position(of: slot.rotation) == .previous {
      return "it is kept until the next rotation (policy.previous: keep)"
    }
    return "tickets under it may be alive"
  }
}
