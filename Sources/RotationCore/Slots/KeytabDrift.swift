package import Foundation

/// A keytab that somebody other than its agent had changed, and that the agent has put right.
package struct KeytabDrift: Sendable, Equatable {
  /// What was wrong with it.
  package enum Kind: String, Sendable, CaseIterable {
    /// There was no file.
    case missing
    /// It held other entries.
    case contents
    /// It had another mode, owner or group.
    case permissions
  }

  /// Its path on the node.
  package var path: String
  /// The class.
  package var kind: Kind
  /// What exactly, without a full stop and without any key.
  package var problem: String
  /// When the agent found it, on the node's clock.
  package var foundAt: Date

  /// Makes a description from its parts.
  package init(path: String, kind: Kind, problem: String, foundAt: Date) {
    self.path = path
    self.kind = kind
    self.problem = problem
    self.foundAt = foundAt
  }

  /// What it meant while it lasted.
  package var consequence: String {
    switch kind {
    case .missing, .contents: "until then the node may have refused clients"
    case .permissions: "until then others may have read the keys, or its consumer could not; rotate if somebody else could"
    }
  }
}
