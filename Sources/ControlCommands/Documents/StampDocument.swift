import RotationCore

/// The claim of a rotator on an account, as the account carries it.
package struct StampDocument: Encodable, Sendable, Equatable {
  /// The attribute's value as it is.
  package var text: String
  /// `claimed`, `leaving`, `done` or `aborted`; `null` if the value is no stamp.
  @NullIfAbsent package var state: String?
  /// The rotation.
  @NullIfAbsent package var rotation: String?
  /// The fencing token, `era.number`.
  @NullIfAbsent package var epoch: String?
  /// The rotator's id.
  @NullIfAbsent package var rotator: String?

  /// Decodes a value.
  package init(_ value: String) {
    let stamp = Stamp(value)
    text = value.visible
    state = stamp?.state.rawValue
    rotation = stamp?.rotation.description
    epoch = stamp?.epoch.description
    rotator = stamp?.rotator.description
  }

  /// The same for a person.
  var words: String {
    guard let state, let rotation, let rotator else { return "not a stamp: \(text)" }
    let meaning =
      switch state {
      case "claimed": "a rotation holds the account"
      case "leaving": "a rotation holds the account and is about to set the password"
      case "done": "the last rotation set the password"
      default: "the last rotation gave up"
      }
    return "\(meaning): rotation \(rotation) of rotator \(rotator), epoch \(epoch ?? "")"
  }
}
