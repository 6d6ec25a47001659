import Crypto
import Foundation

/// What tells a repeated order from one with other contents: SHA-256 over everything but the nonce, which is fresh in every
/// repeat, and the keys, which their fingerprint stands for and which a repeat may leave out.
package struct OrderDigest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  package let description: String

  /// Computes the digest of an order.
  package init(of order: SlotOrder) {
    var hash = SHA256()
    for field in Self.fields(of: order) {
      withUnsafeBytes(of: UInt32(field.utf8.count).bigEndian) { hash.update(bufferPointer: $0) }
      hash.update(data: Array(field.utf8))
    }
    description = hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  private static func fields(of order: SlotOrder) -> [String] {
    let head = [
      order.account.description, order.realm.description, "\(order.epoch)", "\(order.rotation)", "\(order.version)",
      "\(order.servicePrincipalNames.count)", "\(order.slots.count)",
    ]
    let slots = order.slots.flatMap { slot in
      [
        "\(slot.rotation)", "\(slot.version)", slot.position.rawValue, "\(slot.fingerprint)", instant(slot.setAt),
        slot.committedEpoch.map { "\($0)" } ?? "", slot.retireAfter.map(instant) ?? "",
      ]
    }
    return head + order.servicePrincipalNames.map(\.description) + slots + order.drop.map(\.description)
  }

  // Whole milliseconds: finer parts do not survive every representation of a time stamp.
  private static func instant(_ date: Date) -> String {
    String(Int64((date.timeIntervalSince1970 * 1000).rounded()))
  }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }
}
