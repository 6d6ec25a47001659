import Foundation

// MARK: - What windows and freezes leave

extension RotationSchedule {
  /// How far ahead an instant is looked for in which a rotation may begin.
  private static let horizon: TimeInterval = 731 * 86_400
  /// Windows recur every week: what is open for longer is always open.
  private static let longestStretch: TimeInterval = 8 * 86_400

  /// The first instant, at `instant` or later, in which a scheduled rotation may begin, with what moved it there.
  func admission(from instant: Date) -> Start {
    var date = instant
    var freezes: [String] = []
    var window: String?
    while true {
      if let freeze = policy.freezes.first(where: { $0.span.contains(date) }) {
        date = freeze.span.upperBound
        freezes.append("the freeze \(freeze) ends")
        // A window that would have opened during the freeze moved nothing.
        window = nil
      } else if let opening = nextOpening(ifShutAt: date) {
        date = opening.date
        window = "the window \(opening.window) opens"
      } else {
        return Start(date: date, reasons: freezes + [window].compactMap(\.self))
      }
      guard date.timeIntervalSince(instant) <= Self.horizon else {
        return Start(date: .distantFuture, reasons: ["no window opens outside of the freezes for two years"])
      }
    }
  }

  /// The start of the stretch that is open at `now`, or else the next one, with what kept it shut until then.
  func reopening(at now: Date) -> Start {
    let next = admission(from: now)
    guard next.reasons.isEmpty else { return next }
    let start = stretch(around: now).lowerBound
    return start == .distantPast ? Start(date: start, reasons: []) : admission(from: start.addingTimeInterval(-1))
  }

  /// The time around an instant in which rotations may begin throughout; the instant must be one in which they may.
  func stretch(around instant: Date) -> Range<Date> {
    let open = policy.windows.isEmpty ? .distantPast..<Date.distantFuture : openStretch(around: instant)
    let start = policy.freezes.map(\.span.upperBound).filter { $0 <= instant }.max() ?? .distantPast
    let end = policy.freezes.map(\.span.lowerBound).filter { $0 > instant }.min() ?? .distantFuture
    return max(open.lowerBound, start)..<min(open.upperBound, end)
  }

  private func nextOpening(ifShutAt instant: Date) -> (date: Date, window: MaintenanceWindow)? {
    guard openings(at: instant).isEmpty else { return nil }
    return policy.windows.map { (date: $0.nextOpening(after: instant), window: $0) }.min { $0.date < $1.date }
  }

  /// Windows that overlap or follow one another without a gap are one stretch.
  private func openStretch(around instant: Date) -> Range<Date> {
    var (start, end) = (instant, instant)
    while let later = openings(at: end).map(\.upperBound).max() {
      end = later
      if end.timeIntervalSince(instant) > Self.longestStretch { return .distantPast..<Date.distantFuture }
    }
    var probe = instant
    while let earlier = openings(at: probe).map(\.lowerBound).min(), instant.timeIntervalSince(earlier) <= Self.longestStretch {
      start = earlier
      probe = earlier.addingTimeInterval(-1)
    }
    return start..<end
  }

  private func openings(at instant: Date) -> [Range<Date>] {
    policy.windows.compactMap { $0.span(at: instant) }
  }
}
