/// Finds what somebody probably meant.
package enum NearestMatch {
  /// The candidate that is at most two slips (or a third of the word) away from `word`, compared without regard to case.
  package static func of(_ word: String, among candidates: [String]) -> String? {
    let limit = max(2, word.count / 3)
    let scored = candidates.map { (candidate: $0, distance: distance(word.lowercased(), $0.lowercased())) }
    guard let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= limit, best.distance < word.count
    else { return nil }
    return best.candidate
  }

  /// The Levenshtein distance: insertions, deletions and replacements.
  private static func distance(_ left: String, _ right: String) -> Int {
    // An absurdly long word is not a slip of the pen, and the table grows with the product of the lengths.
    guard left.count <= 64, right.count <= 64 else { return .max }
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
      var previous = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = previous + (character == right[column] ? 0 : 1)
        previous = row[column + 1]
        row[column + 1] = min(replaced, previous + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
