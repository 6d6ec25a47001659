/// What `asactl journal --json` prints.
package struct JournalDocument: Encodable, Sendable, Equatable {
  /// The command line, the program's name first.
  package var arguments: [String]
}
