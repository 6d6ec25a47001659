import Crypto
import Foundation

/// Puts things that would happen at once at different places, always the same ones: chance that a restart does not throw again.
enum Spread {
  /// A number from 0 up to and without 1 that the words alone decide.
  static func fraction(of words: String...) -> Double {
    let digest = SHA256.hash(data: Data(words.joined(separator: "\n").utf8))
    let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Double(number >> 11) / Double(1 << 53)
  }
}
