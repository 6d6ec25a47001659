/// Days of the week as a window names them: `Mon`, `Mon-Fri`, `Sat,Sun` or `daily`. Never empty.
struct WeekdaySet: Sendable, Hashable {
  private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  /// Whether each of them is among these, from Monday on.
  private let days: [Bool]

  /// Reads the days, in upper or lower case; a range may go over Sunday.
  ///
  /// - Parameter subject: What they belong to, for the fault.
  /// - Throws: ``OperatorFault`` of kind `.configuration` that names the word that is no day.
  init(_ text: some StringProtocol, of subject: String) throws(OperatorFault) {
    guard text.lowercased() != "daily" else {
      days = Self.names.map { _ in true }
      return
    }
    var days: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      days.formUnion(try Self.range(part, of: subject))
    }
    self.days = Self.names.indices.map(days.contains)
  }

  /// Whether a day, counted from 1970-01-01, is among them.
  func contains(day: Int) -> Bool {
    // 1970-01-01 was a Thursday.
    days[((day + 3) % 7 + 7) % 7]
  }

  private static func range(_ text: some StringProtocol, of subject: String) throws(OperatorFault) -> [Int] {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    let first = try day(ends[0], of: subject)
    guard ends.count <= 2 else { throw unknown(text, of: subject) }
    let last = try day(ends[ends.count - 1], of: subject)
    return (first...(last < first ? last + 7 : last)).map { $0 % 7 }
  }

  private static func day(_ text: some StringProtocol, of subject: String) throws(OperatorFault) -> Int {
    guard let index = names.firstIndex(of: text.lowercased()) else { throw unknown(text, of: subject) }
    return index
  }

  private static func unknown(_ text: some StringProtocol, of subject: String) -> OperatorFault {
    OperatorFault(
      .configuration, subject, "names '\(text)', which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
      remedy: "write the days as Mon, Mon-Fri, Sat,Sun or daily")
  }
}
