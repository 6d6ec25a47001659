import RotationCore
import Testing

@Suite("The page about exit codes")
struct ExitCodePageTests {
  /// Code and name of each row.
  private static func rows() throws -> [(code: Int32, name: String)] {
    try PackageTree.text("docs/exit-codes.md").matches(of: /(?m)^\| (\d+) \| (?:`(\w+)` )?\|/).compactMap { row in
      Int32(row.1).map { ($0, String(row.2 ?? "")) }
    }
  }

  @Test("Every kind of fault has a row with its exit code", arguments: OperatorFault.Kind.allCases)
  func hasKind(_ kind: OperatorFault.Kind) throws {
    #expect(try Self.rows().filter { $0.name == kind.rawValue }.map(\.code) == [kind.exitCode])
  }

  @Test("There is no row for anything else, but for success, a no, and two signals")
  func hasNothingElse() throws {
    let codes = try Self.rows().map(\.code)
    #expect(Set(codes) == Set(OperatorFault.Kind.allCases.map(\.exitCode) + [0, 1, 130, 141]))
    #expect(codes == codes.sorted() && Set(codes).count == codes.count)
  }
}
