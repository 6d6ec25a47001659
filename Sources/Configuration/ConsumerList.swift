import RotationCore
import Yams

extension ConsumerConfiguration {
  /// The keys of an entry of `consumers`.
  enum Key: String, SectionKey {
    case unit, action, command, keytabs, timeout
  }
}

/// The programs of a node that cache a keytab.
struct ConsumerList {
  let section: Section<AgentConfiguration.Key>
  let keytabs: [String]

  func read() -> [ConsumerConfiguration] {
    guard section.has(.consumers) else { return [] }
    var lines: [String: Int] = [:]
    return section.requiredSections(.consumers, of: ConsumerConfiguration.Key.self).compactMap { entry in
      guard let consumer = consumer(entry) else { return nil }
      if let line = lines[consumer.name] {
        entry.faults.report(
          entry.line, "duplicate consumer '\(consumer.name)', already in line \(line)", remedy: "remove one of them")
      }
      lines[consumer.name] = entry.line
      return consumer
    }
  }

  private func consumer(_ entry: Section<ConsumerConfiguration.Key>) -> ConsumerConfiguration? {
    guard let (name, action) = action(entry) else { return nil }
    let paths = entry.list(.keytabs, .path)
    for path in paths ?? [] where !keytabs.contains(path.value) {
      entry.faults.report(
        path.line, "keytabs: '\(path.text)' is no keytab of this file",
        remedy: "expected one of " + keytabs.joined(separator: ", "))
    }
    return ConsumerConfiguration(
      name: name, action: action, keytabs: paths?.map(\.value),
      timeout: entry.optional(.timeout, .duration(.seconds(1), .minutes(30))) ?? .seconds(60))
  }

  private func action(_ entry: Section<ConsumerConfiguration.Key>) -> (String, ConsumerConfiguration.Action)? {
    guard entry.has(.unit) != entry.has(.command) else {
      entry.faults.report(
        entry.line, "consumers: an entry needs either 'unit' or 'command'",
        remedy: "name the systemd unit, or a command to run")
      return nil
    }
    if entry.has(.command) { return command(entry) }
    let verb = entry.optional(.action, .word(["reload", "restart"])) ?? "reload"
    guard let unit = entry.required(.unit, .unit) else { return nil }
    return (unit, verb == "restart" ? .restart(unit) : .reload(unit))
  }

  private func command(_ entry: Section<ConsumerConfiguration.Key>) -> (String, ConsumerConfiguration.Action)? {
    if entry.has(.action) {
      entry.faults.report(
        entry.line(of: .action), "action: belongs to 'unit'", remedy: "remove it: the command is what is done")
    }
    guard let words = entry.entries(of: .command, expected: "words", minimum: 1)?.compactMap({ $0.scalar?.string }),
      let program = words.first
    else { return nil }
    guard program.hasPrefix("/"), !words.contains(where: { $0.utf8.contains(0) }) else {
      entry.faults.report(
        entry.line(of: .command), "command: '\(program)' is not an absolute path", remedy: "write the program's path from / on")
      return nil
    }
    return (words.joined(separator: " "), .command(words))
  }
}

extension ScalarForm where Value == String {
  /// The full name of a systemd service (systemd.unit(5)).
  fileprivate static let unit = ScalarForm("the name of a unit such as dovecot.service") { text in
    let permitted = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: ":-_.\\@".utf8.contains(byte)
      }
    }
    return permitted && text.hasSuffix(".service") && text.utf8.count <= 255 ? text : nil
  }
}

extension ScalarForm where Value == ListenAddress {
  /// Where to listen: there is no usual port, so it has to be said.
  static let listenAddress = ScalarForm("an address with a port such as 0.0.0.0:7750") { text in
    guard let endpoint = Endpoint(text), text.hasSuffix(":\(endpoint.port)") else { return nil }
    return ListenAddress(host: endpoint.host, port: endpoint.port)
  }
}
