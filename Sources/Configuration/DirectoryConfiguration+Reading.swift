import RotationCore
import Yams

extension DirectoryConfiguration {
  /// The keys of an entry of `directories`.
  enum Key: String, SectionKey {
    case realm, controllers, site, writer, principal, keytab, stampAttribute, timeout

    static var unavailable: [String: String] {
      ["stamp": "the stamp is switched off with 'stampAttribute: none'"]
    }
  }

  static func read(_ section: Section<Key>) -> Located<DirectoryConfiguration>? {
    let realm = section.required(.realm, .realm)
    let controllers = Controller.readAll(section)
    let writer = readWriter(section, controllers: controllers)
    let site = section.optional(.site, .site)
    let principal = section.required(.principal, .principal)
    let keytab = section.required(.keytab, .path)
    let named = section.optional(.stampAttribute, .attribute) ?? "adminDescription"
    let stampAttribute = named.lowercased() == "none" ? nil : named
    let timeout = section.optional(.timeout, .duration(.seconds(1), .minutes(5))) ?? .seconds(10)
    guard let realm, let principal, let keytab else { return nil }
    let value = DirectoryConfiguration(
      realm: realm, controllers: controllers, site: site, writer: writer, principal: principal,
      keytab: keytab,
      stampAttribute: stampAttribute, timeout: timeout)
    return Located(value: value, line: section.line(of: .realm), text: realm.description)
  }

  private static func readWriter(_ section: Section<Key>, controllers: [Controller]) -> Writer {
    guard let writer = section.optional(.writer, .writer), case .named(let name) = writer else { return .pdcEmulator }
    let known = controllers.map(\.name)
    if !known.isEmpty, !known.contains(name) {
      section.faults.report(
        section.line(of: .writer), "writer: '\(name)' is not among the controllers",
        remedy: "expected pdc-emulator or one of " + known.joined(separator: ", "))
    }
    return writer
  }
}

extension DirectoryConfiguration.Controller {
  /// The keys of an entry of `controllers` that is not just a name.
  enum Key: String, SectionKey {
    case name, address
  }

  static func readAll(_ section: Section<DirectoryConfiguration.Key>) -> [Self] {
    let entries = section.entries(of: .controllers, expected: "names or {name:, address:} mappings", minimum: 0) ?? []
    let controllers = entries.compactMap { read($0, in: section) }
    checkEachIsNamedOnce(controllers, in: section)
    return controllers
  }

  private static func checkEachIsNamedOnce(_ controllers: [Self], in section: Section<DirectoryConfiguration.Key>) {
    let names = controllers.map(\.name.comparableHostName)
    for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
      section.faults.report(
        section.line(of: .controllers), "'\(name)' is listed twice under controllers",
        remedy: "name each domain controller once")
    }
  }

  private static func read(_ node: Node, in section: Section<DirectoryConfiguration.Key>) -> Self? {
    guard case .mapping = node else {
      return section.located(node, named: "controllers", .hostName).map { Self(name: $0.value.text, address: nil) }
    }
    let nested: Section<Key>? = section.nested(node, named: "controllers", line: node.line)
    guard let nested, let name = nested.required(.name, .hostName) else { return nil }
    return Self(name: name.text, address: nested.optional(.address, .address)?.text)
  }
}

extension ScalarForm where Value == DirectoryConfiguration.Writer {
  fileprivate static let writer = ScalarForm("pdc-emulator or the name of a controller") { text in
    text == "pdc-emulator" ? .pdcEmulator : HostName(text).map { .named($0.text) }
  }
}

extension ScalarForm where Value == String {
  fileprivate static let principal = ScalarForm("the rotator's principal such as svc-asa-rotator") { text in
    guard !text.contains("@") else {
      return .failure(ScalarFault(problem: "'\(text)' names a realm", remedy: "leave out '@' and what follows it"))
    }
    let permitted = !text.isEmpty && text.utf8.count <= 256 && text.allSatisfy { !$0.isWhitespace && $0 != "\0" }
    return permitted ? .success(text) : .failure(ScalarFault())
  }

  fileprivate static let site = ScalarForm("the name of a site such as Copenhagen") { text in
    let permitted = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    return permitted && (1...63).contains(text.utf8.count) ? text : nil
  }

  fileprivate static let attribute = ScalarForm("the name of a directory attribute such as adminDescription") { text in
    let permitted = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return permitted && text.first?.isLetter == true ? text : nil
  }
}
