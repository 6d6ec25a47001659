/// The size of a terminal's screen.
package struct ScreenSize: Sendable, Equatable {
  /// Characters across.
  package var columns: Int
  /// Lines.
  package var rows: Int

  /// Makes a size.
  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}
