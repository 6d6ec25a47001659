/// What the live display of rotations shows that run side by side: one ``RotationScreen`` for each account, one below the other.
package struct RotationScreens: Sendable {
  private var screens: [(account: String?, screen: RotationScreen)] = []

  /// Makes an empty display.
  package init() {}

  /// Takes an event.
  package mutating func apply(_ event: RotationEvent) {
    let place = screens.firstIndex { $0.account == event.account } ?? screens.endIndex
    if place == screens.endIndex { screens.append((event.account, RotationScreen())) }
    screens[place].screen.apply(event)
  }

  /// The lines, none wider than the screen and no more than fit on it.
  package func lines(size: ScreenSize, style: TextStyle) -> [String] {
    if screens.count == 1 { return screens[0].screen.lines(size: size, style: style) }
    // The cursor is on a line of its own, and between two accounts is one that is empty.
    let share = (size.rows - 1) / max(1, screens.count) - 1
    guard share >= RotationScreen.fewestRows else { return titles(size, style) }
    let parts = screens.map { $0.screen.lines(size: ScreenSize(columns: size.columns, rows: share), style: style) }
    return Array(parts.joined(separator: [""]))
  }

  private func titles(_ size: ScreenSize, _ style: TextStyle) -> [String] {
    let titles = screens.map { $0.screen.title(columns: size.columns, style) }
    let room = max(1, size.rows - 2)
    return titles.count <= room ? titles : titles.prefix(room - 1) + ["and \(titles.count - room + 1) more"]
  }
}
