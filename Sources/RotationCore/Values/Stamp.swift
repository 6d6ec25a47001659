/// The claim on an account, kept in one of the account's own attributes and changed only by compare-and-swap.
///
/// Text form: `asa1;era.epoch;rotation;state;rotator`.
package struct Stamp: Hashable, Sendable, Codable {
  /// What the holder of the claim has done with it.
  package enum State: String, Sendable, Codable {
    /// A rotation holds the account and may be staging keys.
    case claimed
    /// The same, and the password is about to be set although some node does not hold its key: such a node has to leave service.
    case leaving
    /// The rotation's password was set, in the same modify that wrote this.
    case done
    /// The rotation gave up; no modify sent under its claim can apply any more.
    case aborted
  }

  /// The fencing token.
  package let epoch: Epoch
  /// The rotation that made the claim.
  package let rotation: RotationID
  /// How far it got.
  package let state: State
  /// The store that the rotation belongs to.
  package let rotator: RotatorID

  /// Makes a stamp from its parts.
  package init(epoch: Epoch, rotation: RotationID, state: State, rotator: RotatorID) {
    self.epoch = epoch
    self.rotation = rotation
    self.state = state
    self.rotator = rotator
  }

  /// Parses the text form; `nil` if the attribute holds something else.
  package init?(_ text: String) {
    let fields = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 5, fields[0] == "asa1", let rotation = RotationID(fields[2]),
      let state = State(rawValue: fields[3]), let rotator = RotatorID(fields[4])
    else { return nil }
    let epoch = fields[1].split(separator: ".", omittingEmptySubsequences: false)
    guard epoch.count == 2, let era = UInt32(epoch[0]), let number = UInt64(epoch[1]) else { return nil }
    self.init(epoch: Epoch(era: era, number: number), rotation: rotation, state: state, rotator: rotator)
    // Compare-and-swap is on the text, so a second spelling of the same claim ("+1", "01") must not pass for it.
    guard description == text else { return nil }
  }
}

extension Stamp {
  /// Whether this one was written after the other by the same store: under a later epoch, or as the end of the same claim.
  package func follows(_ other: Stamp) -> Bool {
    if epoch != other.epoch { return epoch > other.epoch }
    return rotation == other.rotation && state.rank > other.state.rank && state != .aborted
  }
}

extension Stamp.State {
  /// Whether a rotation holds the account and has not ended.
  package var isClaim: Bool { self == .claimed || self == .leaving }

  /// How far a claim has come.
  fileprivate var rank: Int {
    switch self {
    case .claimed: 0
    case .leaving: 1
    case .done, .aborted: 2
    }
  }
}

extension Stamp: CustomStringConvertible {
  /// The text form.
  package var description: String { "asa1;\(epoch);\(rotation);\(state.rawValue);\(rotator)" }
}
