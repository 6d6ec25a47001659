import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// Which nodes a rotation is asked for.
struct ScopeOptions: ParsableArguments, Sendable {
  @Flag(
    name: .customLong("to-entire-forest"),
    help: "Every account, on all nodes (-ToEntireForest).")
  var isEntireForest = false
  @Option(
    name: .customLong("to-array-members"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "The accounts of these arrays; * and ? stand for any characters and for one (-ToArrayMembers).", valueName: "array"),
    completion: LiveCompletion.array, transform: NameArguments.arrayPattern)
  var arrays: [String] = []
  @Option(
    name: .customLong("to-specific-servers"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "The accounts of these nodes; * and ? stand for any characters and for one (-ToSpecificServers).", valueName: "node"),
    completion: LiveCompletion.node, transform: NameArguments.nodePattern)
  var nodes: [String] = []

  /// Refuses two scopes at once.
  func validate() throws {
    guard [isEntireForest, !arrays.isEmpty, !nodes.isEmpty].count(where: { $0 }) <= 1 else {
      throw ValidationError("give one of --to-entire-forest, --to-array-members and --to-specific-servers, not several")
    }
  }

  /// The scope for the wire; `nil` if none was named.
  var wire: Asa_Control_V1_Scope? {
    isEntireForest || !arrays.isEmpty || !nodes.isEmpty ? .scope(isEntireForest, arrays: arrays, nodes: nodes) : nil
  }
}

/// Which nodes keys are copied to.
struct DestinationOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("to"), parsing: .upToNextOption,
    help: ArgumentHelp("These nodes; * and ? stand for any characters and for one.", valueName: "node"),
    completion: LiveCompletion.node, transform: NameArguments.nodePattern)
  var nodes: [String] = []
  @Option(
    name: .customLong("to-array-members"), parsing: .upToNextOption,
    help: ArgumentHelp("The members of these arrays; likewise.", valueName: "array"),
    completion: LiveCompletion.array, transform: NameArguments.arrayPattern)
  var arrays: [String] = []
  @Flag(name: .customLong("to-entire-forest"), help: "All nodes.")
  var isEntireForest = false

  /// Refuses two kinds at once.
  func validate() throws {
    guard [isEntireForest, !arrays.isEmpty, !nodes.isEmpty].count(where: { $0 }) <= 1 else {
      throw ValidationError("give one of --to, --to-array-members and --to-entire-forest, not several")
    }
  }

  /// The scope for the wire.
  ///
  /// - Throws: `ValidationError` if there is none.
  func wire() throws -> Asa_Control_V1_Scope {
    guard isEntireForest || !arrays.isEmpty || !nodes.isEmpty else {
      throw ValidationError("give --to, --to-array-members or --to-entire-forest")
    }
    return .scope(isEntireForest, arrays: arrays, nodes: nodes)
  }
}

extension Asa_Control_V1_Scope {
  fileprivate static func scope(_ isEntireForest: Bool, arrays: [String], nodes: [String]) -> Asa_Control_V1_Scope {
    .with {
      $0.entireForest = isEntireForest
      $0.arrays = arrays
      $0.nodes = nodes
    }
  }
}
