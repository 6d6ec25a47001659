package import SecretMemory

/// An account that is to be made.
package struct NewAccount: Sendable {
  /// Computer or user.
  package var kind: DirectoryAccount.Kind
  /// Its sAMAccountName; a computer's ends in `$`.
  package var samAccountName: String
  /// The distinguished name of the container or organizational unit that it goes into.
  package var container: String
  /// Its description, if it is to have one.
  package var description: String?
  /// msDS-SupportedEncryptionTypes (MS-KILE 2.2.7).
  package var supportedEncryptionTypes: UInt32
  /// Its first password, ASCII.
  package var password: SecretBytes

  /// Makes an account from its parts.
  package init(
    kind: DirectoryAccount.Kind, samAccountName: String, container: String, description: String?,
    supportedEncryptionTypes: UInt32, password: SecretBytes
  ) {
    self.kind = kind
    self.samAccountName = samAccountName
    self.container = container
    self.description = description
    self.supportedEncryptionTypes = supportedEncryptionTypes
    self.password = password
  }

  /// Its CN: the sAMAccountName, a computer's without the `$`.
  package var commonName: String {
    kind == .computer && samAccountName.hasSuffix("$") ? String(samAccountName.dropLast()) : samAccountName
  }

  /// Where it will be.
  package var distinguishedName: String { "CN=\(Self.escaped(commonName)),\(container)" }

  /// userAccountControl: enabled, and for a user a password that does not expire, since nobody would type a new one.
  package var control: UserAccountControl {
    kind == .computer ? .workstationTrust : [.normalAccount, .passwordDoesNotExpire]
  }

  /// RFC 4514 section 2.4: these stand for themselves only behind a backslash.
  private static func escaped(_ value: String) -> String {
    let special: Set<Character> = ["\"", "+", ",", ";", "<", ">", "\\", "="]
    let inner = value.reduce(into: "") { $0 += special.contains($1) ? "\\\($1)" : String($1) }
    let start = inner.hasPrefix(" ") || inner.hasPrefix("#") ? "\\" + inner : inner
    return start.hasSuffix(" ") && start.count > 1 ? "\(start.dropLast())\\ " : start
  }
}

extension NewAccount {
  /// The longest sAMAccountName of a kind of account: 15 characters and the `$` of a computer (its NetBIOS name), 20 of a user
  /// (MS-SAMR 3.1.1.6).
  package static func longestName(of kind: DirectoryAccount.Kind) -> Int { kind == .computer ? 16 : 20 }
}
