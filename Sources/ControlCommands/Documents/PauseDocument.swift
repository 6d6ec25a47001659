package import ControlProtocol
package import Foundation

/// Why and until when the schedule of an account stands still; part of other documents.
package struct PauseDocument: Encodable, Sendable, Equatable {
  /// Why.
  package var reason: String
  /// Since when.
  @NullIfAbsent package var since: Date?
  /// Until when; `null`: until it is resumed.
  @NullIfAbsent package var until: Date?

  /// Reads the daemon's message.
  package init(_ pause: Asa_Control_V1_SchedulePause) {
    reason = pause.reason.visible
    since = pause.hasSince ? pause.since.wholeSecond : nil
    until = pause.hasUntil ? pause.until.wholeSecond : nil
  }
}

/// What `asactl pause --json` prints.
package struct PausedDocument: Encodable, Sendable, Equatable {
  /// The accounts whose schedule stands still now.
  package var accounts: [String]
  /// Why.
  package var reason: String
  /// Until when; `null`: until it is resumed.
  @NullIfAbsent package var until: Date?
}

/// What `asactl resume --json` prints.
package struct ResumedDocument: Encodable, Sendable, Equatable {
  /// The accounts that were paused.
  package var accounts: [String]
}
