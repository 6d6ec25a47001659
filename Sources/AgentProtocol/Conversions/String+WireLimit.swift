extension String {
  /// The text cut at a character boundary to what a peer accepts; for sentences, whose tail may be lost.
  var clippedToWire: String {
    guard utf8.count > WireLimits.textBytes else { return self }
    var clipped = ""
    var length = 0
    for character in self {
      length += character.utf8.count
      guard length <= WireLimits.textBytes else { break }
      clipped.append(character)
    }
    return clipped
  }
}
