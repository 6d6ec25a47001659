/// A binary structure from the directory that does not hold what its format demands.
package struct MalformedStructure: Error, Equatable {
  /// The structure and what is wrong with it.
  package let problem: String

  init(_ problem: String) { self.problem = problem }
}
