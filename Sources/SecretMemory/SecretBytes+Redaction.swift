extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The redacted form: the length, never the bytes.
  package var description: String { "<\(count) secret bytes>" }

  /// The redacted form, also inside collections and optionals.
  package var debugDescription: String { description }

  /// An empty mirror, so that `dump(_:)` and reflection-based printers see nothing.
  package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
