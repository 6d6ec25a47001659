import SecretMemory
import Testing

/// The same bytes without the redaction: what the tests below must be able to catch.
private final class PlainBytes: CustomStringConvertible, Sendable {
  let text: String
  init(_ text: String) { self.text = text }
  var description: String { text }
}

/// A type that holds one, as commands, plans and slots do.
private struct Holder<Value> {
  let name = "holder"
  let value: Value
}

private enum Case<Value> { case some(Value) }

@Suite("Redaction")
struct RedactionTests {
  struct Rendering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let render: @Sendable (any Sendable) -> String
  }

  private static let text = "Sup3r-s3cret!"

  private static func dumped(_ value: Any) -> String {
    var output = ""
    dump(value, to: &output)
    return output
  }

  private static func mirrored(_ value: Any) -> String {
    Mirror(reflecting: value).children.map { "\($0.value) \(mirrored($0.value))" }.joined()
  }

  static let renderings: [Rendering] = [
    Rendering(testDescription: "String(describing:)") { String(describing: $0) },
    Rendering(testDescription: "String(reflecting:)") { String(reflecting: $0) },
    Rendering(testDescription: "interpolation") { "\($0)" },
    Rendering(testDescription: "dump") { dumped($0) },
    Rendering(testDescription: "Mirror") { mirrored($0) },
    Rendering(testDescription: "array") { "\([$0, $0]) \(dumped([$0]))" },
    Rendering(testDescription: "dictionary") { "\(["key": $0]) \(dumped(["key": $0]))" },
    Rendering(testDescription: "optional") { "\(Optional.some($0) as Any) \(dumped(Optional.some($0) as Any))" },
    Rendering(testDescription: "tuple") { "\((1, $0)) \(dumped((1, $0)))" },
    Rendering(testDescription: "struct") { "\(Holder(value: $0)) \(dumped(Holder(value: $0)))" },
    Rendering(testDescription: "enum payload") { "\(Case.some($0)) \(dumped(Case.some($0)))" },
    Rendering(testDescription: "error") { String(reflecting: Failure(value: $0)) },
  ]

  private struct Failure: Error, CustomStringConvertible {
    let value: any Sendable
    var description: String { "failed with \(value)" }
  }

  /// The text itself, and its bytes as an array or in hexadecimal would show them.
  private func leaks(_ rendering: String) -> Bool {
    let bytes = Array(Self.text.utf8)
    let decimal = bytes.prefix(4).map(String.init).joined(separator: ", ")
    let hexadecimal = bytes.prefix(4).map { String($0, radix: 16) }.joined()
    return rendering.contains(Self.text) || rendering.contains(decimal) || rendering.lowercased().contains(hexadecimal)
  }

  @Test("No rendering of a secret shows it", arguments: renderings)
  func redacted(_ rendering: Rendering) {
    let secret = Array(Self.text.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
    #expect(!leaks(rendering.render(secret)))
  }

  @Test("Control: the same rendering of a plain type does show it", arguments: renderings)
  func plain(_ rendering: Rendering) {
    #expect(leaks(rendering.render(PlainBytes(Self.text))))
  }

  @Test("A redacted secret still says how long it is")
  func length() { #expect("\(SecretBytes.random(count: 32))" == "<32 secret bytes>") }
}
