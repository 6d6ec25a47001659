/// Makes the passwords of rotated accounts.
package enum GeneratedPassword {
  /// The number of ASCII characters in a generated password: above the 120 that the design asks for and below the 256
  /// that Windows accepts everywhere.
  package static let length = 127

  private static let classes: [StaticString] = [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "!#$%&()*+,-./:;=?@[]^_{|}~",
  ]

  /// Makes a password of ``length`` printable ASCII bytes from the system's CSPRNG, holding all four character classes
  /// of the Active Directory complexity rule (MS-SAMR 3.1.1.7.2).
  ///
  /// ASCII keeps the two encodings that Active Directory uses (UTF-16LE on the wire, UTF-8 in string-to-key) trivially equal.
  package static func make() -> SecretBytes {
    SecretBytes(count: length) { destination in
      repeat { fill(destination) } while !holdsAllClasses(UnsafeRawBufferPointer(destination))
    }
  }

  private static func fill(_ destination: UnsafeMutableRawBufferPointer) {
    var generator = SystemRandomNumberGenerator()
    let total = classes.reduce(0) { $0 + $1.utf8CodeUnitCount }
    for index in destination.indices {
      destination[index] = character(at: Int.random(in: 0..<total, using: &generator))
    }
  }

  private static func character(at position: Int) -> UInt8 {
    var position = position
    for members in classes {
      if position < members.utf8CodeUnitCount { return members.utf8Start[position] }
      position -= members.utf8CodeUnitCount
    }
    return 0
  }

  private static func holdsAllClasses(_ password: UnsafeRawBufferPointer) -> Bool {
    classes.allSatisfy { members in
      password.contains { byte in
        (0..<members.utf8CodeUnitCount).contains { members.utf8Start[$0] == byte }
      }
    }
  }
}
