import RotationCore

extension RotatorEndpointConfiguration {
  /// The keys of `rotator`.
  enum Key: String, SectionKey {
    case address, name
  }

  static func read(_ section: Section<Key>) -> Located<RotatorEndpointConfiguration>? {
    let endpoint = section.required(.address, .endpoint)
    let name = section.optional(.name, .hostName)
    guard let endpoint else { return nil }
    if endpoint.isAddress, !section.has(.name) {
      section.reportMissing(.name, expected: "the DNS name in the rotator's certificate, since the address is not a name")
      return nil
    }
    let expected = name?.text ?? endpoint.host
    let value = RotatorEndpointConfiguration(host: endpoint.host, port: endpoint.port, name: expected, label: expected)
    return Located(value: value, line: section.line(of: .address), text: value.address)
  }

  /// Where it listens, as in the file.
  fileprivate var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The value of `rotator`: one mapping, or a list of them where a second rotator stands by.
struct RotatorList {
  private static let limit = 4

  let section: Section<AgentConfiguration.Key>

  /// `nil` only after a fault was reported.
  func read() -> [RotatorEndpointConfiguration]? {
    let sections = section.oneOrMoreSections(.rotator, of: RotatorEndpointConfiguration.Key.self)
    let read = sections.map(RotatorEndpointConfiguration.read)
    let located = read.compactMap { $0 }
    checkAddresses(located)
    if sections.count > Self.limit {
      section.faults.report(
        section.line(of: .rotator), "rotator: the list has \(sections.count) entries", remedy: "give at most \(Self.limit)")
    }
    guard !located.isEmpty, located.count == read.count else { return nil }
    return labelled(located.map(\.value))
  }

  private func checkAddresses(_ rotators: [Located<RotatorEndpointConfiguration>]) {
    for (index, rotator) in rotators.enumerated() {
      guard let earlier = rotators[..<index].first(where: { $0.text == rotator.text }) else { continue }
      section.faults.report(
        rotator.line, "duplicate rotator '\(rotator.text)', already in line \(earlier.line)", remedy: "remove one of them")
    }
  }

  private func labelled(_ rotators: [RotatorEndpointConfiguration]) -> [RotatorEndpointConfiguration] {
    rotators.map { rotator in
      var labelled = rotator
      if rotators.filter({ $0.name == rotator.name }).count > 1 { labelled.label = "\(rotator.name) (\(rotator.address))" }
      return labelled
    }
  }
}
