import RotationCore

/// Why a scalar was not what it should be.
struct ScalarFault: Error {
  /// What is wrong; `nil` where "expected ..., found ..." says it all.
  var problem: String?
  /// What to do, or empty.
  var remedy = ""
}

/// How one kind of scalar is read, and how it is described to whoever wrote another.
struct ScalarForm<Value: Sendable>: Sendable {
  /// Completes "expected ...".
  let expected: String
  /// Reads the text of the scalar.
  let read: @Sendable (String) -> Result<Value, ScalarFault>

  init(_ expected: String, read: @escaping @Sendable (String) -> Result<Value, ScalarFault>) {
    self.expected = expected
    self.read = read
  }

  /// A form without reasons of its own: `nil` means "expected ..., found ...".
  init(_ expected: String, parse: @escaping @Sendable (String) -> Value?) {
    self.init(expected, read: { text in parse(text).map(Result.success) ?? .failure(ScalarFault()) })
  }
}

// MARK: Numbers and words

extension ScalarForm where Value == Int {
  /// A whole number within bounds.
  static func integer(_ bounds: ClosedRange<Int>) -> Self {
    Self("a whole number from \(bounds.lowerBound) to \(bounds.upperBound)") { text in
      Int(text).flatMap { bounds.contains($0) ? $0 : nil }
    }
  }
}

extension ScalarForm where Value == Duration {
  private static var units: [Character: Int] { ["s": 1, "m": 60, "h": 3600, "d": 86_400] }

  /// A whole number with one unit, within bounds given in the same notation.
  static func duration(_ low: Span, _ high: Span) -> Self {
    Self("a duration from \(low.text) to \(high.text) with a unit s, m, h or d") { text in
      guard let unit = text.last.flatMap({ units[$0] }) else {
        return .failure(ScalarFault(problem: "'\(text)' has no unit", remedy: "write it as 45s, 90m, 12h or 30d"))
      }
      let digits = text.dropLast()
      guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number < Int.max / unit else {
        return .failure(ScalarFault(problem: "'\(text)' is not a duration", remedy: "write it as 45s, 90m, 12h or 30d"))
      }
      let seconds = number * unit
      guard (low.seconds...high.seconds).contains(seconds) else { return .failure(ScalarFault()) }
      return .success(.seconds(seconds))
    }
  }

  /// A bound in the notation of the file.
  struct Span {
    let text: String
    let seconds: Int

    static func seconds(_ count: Int) -> Span { Span(text: "\(count)s", seconds: count) }
    static func minutes(_ count: Int) -> Span { Span(text: "\(count)m", seconds: count * 60) }
    static func hours(_ count: Int) -> Span { Span(text: "\(count)h", seconds: count * 3600) }
    static func days(_ count: Int) -> Span { Span(text: "\(count)d", seconds: count * 86_400) }
  }
}

extension ScalarForm where Value == String {
  /// One of a few words.
  static func word(_ words: [String]) -> Self {
    Self("one of " + words.joined(separator: ", ")) { words.contains($0) ? $0 : nil }
  }

  /// A name without white space or separators.
  static func name(_ what: String) -> Self {
    Self(what) { text in
      let permitted = text.allSatisfy { !$0.isWhitespace && !"/:\\\"'".contains($0) && !$0.isNewline }
      return permitted && (1...256).contains(text.utf8.count) ? text : nil
    }
  }

  /// The path of a file or directory; there is no directory that a relative one could safely start from.
  static let path = ScalarForm("an absolute path") { text in
    guard text.hasPrefix("/"), text.utf8.count < 4096, !text.utf8.contains(0) else {
      return .failure(ScalarFault(remedy: "write the path from / on"))
    }
    let parts = text.split(separator: "/")
    guard !parts.isEmpty, !parts.contains("."), !parts.contains("..") else {
      return .failure(ScalarFault(remedy: "write the path without '.' and '..'"))
    }
    return .success("/" + parts.joined(separator: "/"))
  }
}

// MARK: Values of the core

extension ScalarForm {
  /// A value whose initialiser already says what is wrong.
  static func value(_ expected: String, _ make: @escaping @Sendable (String) throws(OperatorFault) -> Value) -> Self {
    Self(expected) { text in
      do throws(OperatorFault) {
        return .success(try make(text))
      } catch {
        return .failure(ScalarFault(problem: "\(error.subject) \(error.problem)", remedy: error.remedy))
      }
    }
  }
}

extension ScalarForm where Value == AccountName {
  static let account = ScalarForm.value("an account such as LAB\\EXCH2016ASA$") { text throws(OperatorFault) in
    try AccountName(text)
  }
}

extension ScalarForm where Value == NodeName {
  static let node = ScalarForm.value("a DNS host name such as cas-1.example.com") { text throws(OperatorFault) in
    try NodeName(text)
  }
}

extension ScalarForm where Value == ServicePrincipalName {
  static let servicePrincipalName = ScalarForm.value("an SPN such as http/mail.example.com") { text throws(OperatorFault) in
    try ServicePrincipalName(text)
  }
}

extension ScalarForm where Value == Realm {
  static let realm = ScalarForm("a realm such as LAB.EXAMPLE") { text in
    HostName(text).map { Realm($0.text) }
  }
}

extension ScalarForm where Value == EncryptionType {
  static let encryptionType = ScalarForm(
    "one of " + EncryptionType.allCases.sorted(by: >).map(\.name).joined(separator: ", ")
  ) { text in
    if let type = EncryptionType(name: text) { return .success(type) }
    guard text.lowercased().hasPrefix("des") else { return .failure(ScalarFault()) }
    return .failure(
      ScalarFault(
        problem: "'\(text)' is refused because its keys are too short to keep anything secret",
        remedy: "leave it out and set msDS-SupportedEncryptionTypes of the account to 24 (AES128 and AES256)"))
  }
}
