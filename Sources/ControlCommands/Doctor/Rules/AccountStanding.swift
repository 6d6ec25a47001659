import ActiveDirectory
import Foundation
import RotationCore

/// Whether an account that signs on can do so, and for how long.
struct AccountStanding {
  private let principal: ExaminedPrincipal
  private let now: Date

  /// How long ahead an end is told of, in seconds.
  static let notice: TimeInterval = 30 * 86400

  init(_ principal: ExaminedPrincipal, now: Date) {
    self.principal = principal
    self.now = now
  }

  /// Why it cannot.
  var obstacle: String? {
    if principal.account.control.contains(.disabled) { return "it is disabled" }
    if let end = principal.account.expires, end <= now { return "it expired on \(Self.day(end))" }
    if principal.account.control.contains(.lockedOut) { return "it is locked out\(since)" }
    return passwordObstacle
  }

  /// Why its password does not do.
  var passwordObstacle: String? {
    if principal.account.passwordLastSet == nil { return "its password has to be changed at the next sign-on" }
    return principal.account.control.contains(.passwordExpired) ? "its password has expired" : nil
  }

  /// What ends within ``notice``.
  var expiry: String? {
    let soon = { (end: Date?) in end.flatMap { $0 > now && $0 < now.addingTimeInterval(Self.notice) ? $0 : nil } }
    if let end = soon(principal.account.expires) { return "it expires on \(Self.day(end))" }
    guard !principal.account.control.contains(.passwordDoesNotExpire), let end = soon(principal.passwordExpires) else {
      return nil
    }
    return "its password expires on \(Self.day(end))"
  }

  private var since: String { principal.lockedSince.map { " since \($0.formatted(.iso8601))" } ?? "" }

  static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
