/// The flags of an account's userAccountControl (MS-ADTS 2.2.16).
package struct UserAccountControl: OptionSet, Sendable, Hashable {
  /// The flags as the directory has them.
  package let rawValue: UInt32

  /// Takes the flags as they were read.
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The account is disabled.
  package static let disabled = UserAccountControl(rawValue: 0x2)
  /// It is locked out; shown by msDS-User-Account-Control-Computed alone.
  package static let lockedOut = UserAccountControl(rawValue: 0x10)
  /// It may have an empty password.
  package static let passwordNotRequired = UserAccountControl(rawValue: 0x20)
  /// The domain controllers keep its password in the clear.
  package static let reversibleEncryption = UserAccountControl(rawValue: 0x80)
  /// A user.
  package static let normalAccount = UserAccountControl(rawValue: 0x200)
  /// The account of a member computer.
  package static let workstationTrust = UserAccountControl(rawValue: 0x1000)
  /// The account of a domain controller.
  package static let serverTrust = UserAccountControl(rawValue: 0x2000)
  /// Its password does not expire.
  package static let passwordDoesNotExpire = UserAccountControl(rawValue: 0x1_0000)
  /// It can be signed on to with a smart card only.
  package static let smartCardRequired = UserAccountControl(rawValue: 0x4_0000)
  /// It may be delegated any client's credential.
  package static let trustedForDelegation = UserAccountControl(rawValue: 0x8_0000)
  /// Its own credential is never delegated ("sensitive").
  package static let notDelegated = UserAccountControl(rawValue: 0x10_0000)
  /// Its keys are DES only.
  package static let desOnly = UserAccountControl(rawValue: 0x20_0000)
  /// It is signed on without pre-authentication.
  package static let noPreauthentication = UserAccountControl(rawValue: 0x40_0000)
  /// Its password has expired; shown by msDS-User-Account-Control-Computed alone.
  package static let passwordExpired = UserAccountControl(rawValue: 0x80_0000)
  /// It may get tickets to itself for anybody.
  package static let trustedToAuthenticate = UserAccountControl(rawValue: 0x100_0000)

  private static let words: [(flag: UserAccountControl, words: String)] = [
    (.disabled, "disabled"), (.lockedOut, "locked out"), (.passwordNotRequired, "password not required"),
    (.reversibleEncryption, "password kept in the clear by domain controllers"), (.normalAccount, "user account"),
    (.workstationTrust, "computer account"), (.serverTrust, "account of a domain controller"),
    (.passwordDoesNotExpire, "password does not expire"), (.smartCardRequired, "smart card required"),
    (.trustedForDelegation, "trusted for unconstrained delegation"), (.notDelegated, "sensitive, not delegated"),
    (.desOnly, "DES keys only"), (.noPreauthentication, "no pre-authentication"), (.passwordExpired, "password expired"),
    (.trustedToAuthenticate, "trusted to authenticate for delegation"),
  ]

  /// The flags in words, those without a name of their own as one hexadecimal number.
  package var words: [String] {
    let known = Self.words.filter { contains($0.flag) }
    let rest = known.reduce(rawValue) { $0 & ~$1.flag.rawValue }
    return known.map(\.words) + (rest == 0 ? [] : ["0x\(String(rest, radix: 16))"])
  }
}
