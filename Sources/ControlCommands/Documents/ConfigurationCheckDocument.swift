/// What `asactl check-config --json` prints.
package struct ConfigurationCheckDocument: Encodable, Sendable, Equatable {
  /// Whether every file is valid.
  package var valid: Bool { files.allSatisfy(\.valid) }
  /// The files, in the order that they were named.
  package var files: [CheckedFile]

  private enum CodingKeys: CodingKey { case files, valid }

  /// Makes a document.
  package init(files: [CheckedFile]) { self.files = files }

  /// Encodes the computed field too.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(files, forKey: .files)
    try container.encode(valid, forKey: .valid)
  }
}

/// One file of a ``ConfigurationCheckDocument``.
package struct CheckedFile: Encodable, Sendable, Equatable {
  /// Its path.
  package var path: String
  /// `rotator` or `agent`.
  package var role: String
  /// Whether a daemon would start with it.
  package var valid: Bool
  /// What is wrong; each subject names the file and the line.
  package var faults: [CheckedFault]
}

/// One fault of a ``CheckedFile``.
package struct CheckedFault: Encodable, Sendable, Equatable {
  /// The file and the line.
  package var subject: String
  /// What is wrong.
  package var problem: String
  /// What was expected.
  @NullIfAbsent package var remedy: String?
}
