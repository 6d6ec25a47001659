import RotationCore

/// One domain controller's copy of the account. Attributes replicate one by one: the higher version wins, then the later time, then the higher
/// originator (lab-facts).
final class DomainController {
  /// An attribute with its replication metadata.
  struct Attribute<Value> {
    var value: Value
    var version: UInt32
    var time: Double
    var originator: Int

    func loses(to other: Attribute<Value>) -> Bool {
      (version, time, originator) < (other.version, other.time, other.originator)
    }

    func written(_ value: Value, at time: Double, by originator: Int) -> Attribute<Value> {
      Attribute(value: value, version: version + 1, time: time, originator: originator)
    }
  }

  struct Secret {
    var password: UInt64
    var key: UInt64
    var salt: String
  }

  let index: Int
  let name: String
  var stamp: Attribute<String?>
  var secret: Attribute<Secret>
  var isUp = true
  /// Counts its crashes: what was on its way to an earlier life is lost.
  var life = 0

  init(index: Int, secret: Secret) {
    self.index = index
    name = Names.controllers[index]
    stamp = Attribute(value: nil, version: 0, time: 0, originator: 0)
    self.secret = Attribute(value: secret, version: 7, time: 0, originator: 0)
  }

  /// msDS-KeyVersionNumber.
  var version: KeyVersion { KeyVersion(secret.version) }

  var state: AccountState { AccountState(stamp: stamp.value, version: version) }
}

/// One modify on its way to a domain controller.
struct Modify {
  var site: Int
  var expected: String?
  var replacement: Stamp
  /// The password's number; `nil` for a claim or a fence.
  var password: UInt64?
  /// Whether the stamp that stands is not compared: only planted faults do that.
  var isBlind = false

  var rotation: RotationID { replacement.rotation }
  var name: String { password == nil ? replacement.state.rawValue : "commit" }
}
