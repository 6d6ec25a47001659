import Foundation
import RotationCore

/// The SPNs on an object, compared as Active Directory does: without regard to case.
struct RegisteredNames: Sendable {
  /// As they are spelled there.
  let spellings: [String]

  /// The spellings in which a name is there; more than one where a domain controller took a second that differs in case.
  func spellings(of name: String) -> [String] { spellings.filter { $0.lowercased() == name.lowercased() } }

  /// Whether a name is there in any spelling.
  func contains(_ name: String) -> Bool { !spellings(of: name).isEmpty }
}

extension ServicePrincipalNameHolder {
  /// Who it is, for a person: its distinguished name and what speaks for its being abandoned.
  func words(now: Date) -> String {
    staleness(now: now).map { "\(distinguishedName) (\($0))" } ?? distinguishedName
  }

  /// Why it looks abandoned; `nil` if it does not, or the global catalog does not say.
  func staleness(now: Date) -> String? {
    if isEnabled == false { return "disabled" }
    guard let set = passwordLastSet else { return nil }
    let days = Int(now.timeIntervalSince(set) / 86_400)
    return days > Self.abandonedAfterDays ? "last password \(days) days ago" : nil
  }

  /// A computer sets a password every 30 days by itself; after three of them missed it is hardly there any more.
  private static let abandonedAfterDays = 90
}
