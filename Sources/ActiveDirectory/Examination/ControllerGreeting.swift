package import Foundation

/// What a domain controller tells to anybody who connects, before a sign-on.
package struct ControllerGreeting: Sendable, Equatable {
  /// What it does with a simple bind on a connection that is neither signed nor encrypted.
  package enum PlainBind: Sendable, Equatable {
    /// It refuses one before it looks at the password (strongerAuthRequired, RFC 4511 section 4.1.9).
    case refused
    /// It takes one, and so the passwords of whoever sends theirs.
    case taken
    /// Its answer tells neither.
    case unknown
  }

  /// Its DNS host name (RootDSE dnsHostName).
  package var dnsHostName: String
  /// Its clock less ours, in seconds (RootDSE currentTime, one second's resolution).
  package var clockOffset: TimeInterval
  /// What it does with unprotected binds.
  package var plainBind: PlainBind

  /// Makes a greeting from its parts.
  package init(dnsHostName: String, clockOffset: TimeInterval, plainBind: PlainBind) {
    self.dnsHostName = dnsHostName
    self.clockOffset = clockOffset
    self.plainBind = plainBind
  }
}
