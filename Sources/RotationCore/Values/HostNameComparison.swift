extension String {
  /// A DNS name in the one form in which names are compared: lower case, without the root's dot.
  package var comparableHostName: String { (hasSuffix(".") ? String(dropLast()) : self).lowercased() }
}
