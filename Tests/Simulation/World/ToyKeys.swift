import RotationCore
import SecretMemory
import Synchronization

/// Passwords, keys and tickets that have the shape of the real ones, no strength, and a number by which the world knows them.
enum ToyKeys {
  /// A password: eight bytes that are its number.
  static func password(_ number: UInt64) -> SecretBytes { secret(number) }

  static func number(of secret: SecretBytes) -> UInt64 {
    secret.withUnsafeBytes { $0.count == 8 ? $0.loadUnaligned(as: UInt64.self) : 0 }
  }

  static func keys(of password: UInt64, salt: String, types: [EncryptionType]) -> AccountKeys {
    let name = keyName(of: password, salt: salt)
    return AccountKeys(
      keys: types.map { AccountKey(encryptionType: $0.rawValue, bytes: secret(name << 8 | UInt64($0.rawValue))) }, salt: salt)
  }

  /// What the keys of a password and a salt have in common, whatever their types.
  static func keyName(of password: UInt64, salt: String) -> UInt64 {
    var hash = SplitMix.mixed(password)
    for byte in salt.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return SplitMix.mixed(hash) >> 8
  }

  static func keyName(of key: AccountKey) -> UInt64 { number(of: key.bytes) >> 8 }

  /// A checksum over a message that only a holder of the key can make.
  static func tag(_ message: [UInt8], with key: UInt64) -> [UInt8] {
    var hash = SplitMix.mixed(key)
    for byte in message { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return withUnsafeBytes(of: SplitMix.mixed(hash), Array.init)
  }

  /// Each secret has a locked page of its own, which takes longer to get than all that the world does with it: those in use are shared.
  private static func secret(_ number: UInt64) -> SecretBytes {
    known.withLock { known in
      if let secret = known[number] { return secret }
      if known.count >= 512 { known.removeAll(keepingCapacity: true) }
      let secret = withUnsafeBytes(of: number) { SecretBytes(copying: $0) }
      known[number] = secret
      return secret
    }
  }

  private static let known = Mutex<[UInt64: SecretBytes]>([:])
}

/// A ticket in the toy's own form. Its key is what the domain controller had; nobody but the world reads it.
struct ToyTicket: ServiceTicketHandle {
  let key: UInt64
  let version: KeyVersion
  let nonce: UInt64
  let opensAlways: Bool

  func opens(with keys: AccountKeys) async -> Bool {
    opensAlways || keys.keys.contains { ToyKeys.keyName(of: $0) == key }
  }

  func makeChallenge() async throws(OperatorFault) -> any AcceptanceChallenge {
    ToyChallenge(key: key, request: ToyRequest(key: key, version: version, nonce: nonce), believesAll: opensAlways)
  }
}

private struct ToyChallenge: AcceptanceChallenge {
  let key: UInt64
  let toy: ToyRequest
  let believesAll: Bool

  init(key: UInt64, request: ToyRequest, believesAll: Bool) {
    self.key = key
    toy = request
    self.believesAll = believesAll
  }

  var request: [UInt8] { toy.bytes }

  func isAnswered(by reply: [UInt8]) async -> Bool { believesAll || reply == toy.reply(with: key) }
}

/// An AP-REQ: a kvno, a nonce, and a tag over it that the ticket's key made.
struct ToyRequest {
  let version: KeyVersion
  let nonce: [UInt8]
  let tag: [UInt8]

  init(key: UInt64, version: KeyVersion, nonce: UInt64) {
    self.version = version
    self.nonce = withUnsafeBytes(of: nonce, Array.init)
    tag = ToyKeys.tag(self.nonce, with: key)
  }

  init(_ bytes: [UInt8]) {
    version = KeyVersion(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
    nonce = Array(bytes[4..<12])
    tag = Array(bytes[12...])
  }

  var bytes: [UInt8] { withUnsafeBytes(of: version.number, Array.init) + nonce + tag }

  func opens(with key: UInt64) -> Bool { ToyKeys.tag(nonce, with: key) == tag }

  func reply(with key: UInt64) -> [UInt8] { ToyKeys.tag(nonce + [1], with: key) }
}
