import Foundation
import RotationCore

/// What somebody with the right types in to delegate an account to its rotator, on Windows and on Samba.
struct DelegationCommands: Sendable {
  /// The object of the account.
  let distinguishedName: String
  /// The rotator's account, `DOMAIN\name`.
  let trustee: String
  /// Its SID; `nil` where the account is not there yet.
  let securityIdentifier: String?
  /// The attribute that carries the stamp, and its schemaIDGUID; `nil` where rotations leave none.
  let stamp: (attribute: String, identifier: UUID)?

  /// User-Force-Change-Password, shown as Reset Password (MS-ADTS 5.1.3.2.1).
  private static let resetPassword = "00299570-246d-11d0-a768-00aa006e0529"

  /// One line each, with the system that it is for.
  var lines: [String] { ["Windows: \(windows)", "Samba: \(samba)"] }

  /// One word for a shell.
  private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }

  private var windows: String {
    let grants = ["CA;Reset Password"] + (stamp.map { ["WP;\($0.attribute)"] } ?? [])
    return "dsacls \"\(distinguishedName)\" /G " + grants.map { "\"\(trustee):\($0)\"" }.joined(separator: " ")
  }

  private var samba: String {
    let name = trustee.split(separator: "\\").last.map(String.init) ?? trustee
    let sid =
      securityIdentifier ?? "$(samba-tool user show \(Self.quoted(name)) --attributes=objectSid | sed -n 's/^objectSid: //p')"
    let write = stamp.map { "(OA;;WP;\($0.identifier.uuidString.lowercased());;\(sid))" } ?? ""
    return
      "samba-tool dsacl set --objectdn=\(Self.quoted(distinguishedName)) --sddl=\"(OA;;CR;\(Self.resetPassword);;\(sid))\(write)\""
  }
}
