import RotationCore

extension RotatorConfiguration {
  /// The keys of the top level.
  enum Key: String, SectionKey {
    case directories, agents, accounts, arrays, store, control, metrics, log
  }

  /// Reads the whole file. `nil` only after a fault was reported.
  static func read(_ section: Section<Key>, environment: [String: String]) -> RotatorConfiguration? {
    let directories = section.requiredSections(.directories, of: DirectoryConfiguration.Key.self)
      .compactMap { DirectoryConfiguration.read($0) }
    let listener = section.requiredSection(.agents, of: AgentListenerConfiguration.Key.self)
      .flatMap(AgentListenerConfiguration.read)
    let accounts = section.requiredSections(.accounts, of: AccountConfiguration.Key.self)
      .compactMap { AccountEntry($0) }
    let arrays = section.requiredSections(.arrays, of: ArrayConfiguration.Key.self).compactMap { ArrayEntry($0) }
    let store = StoreConfiguration.read(section.section(.store, of: StoreConfiguration.Key.self), environment: environment)
    let control = ControlConfiguration.read(section.section(.control, of: ControlConfiguration.Key.self))
    let metrics = MetricsConfiguration.read(section.section(.metrics, of: MetricsConfiguration.Key.self))
    let log = LogConfiguration.read(section.section(.log, of: LogConfiguration.Key.self))

    ReferenceCheck(directories: directories, accounts: accounts, arrays: arrays, faults: section.faults).run()
    guard let listener else { return nil }
    return RotatorConfiguration(
      directories: directories.map(\.value), agents: listener, accounts: accounts.map(\.value),
      arrays: arrays.map(\.value), store: store, control: control, metrics: metrics, log: log)
  }
}

extension AgentListenerConfiguration {
  /// The keys of `agents`.
  enum Key: String, SectionKey {
    case listen, certificate, privateKey, certificateAuthority
  }

  static func read(_ section: Section<Key>) -> AgentListenerConfiguration? {
    let listen = section.required(.listen, .endpoint)
    let certificate = section.required(.certificate, .path)
    let privateKey = section.required(.privateKey, .path)
    let authority = section.required(.certificateAuthority, .path)
    guard let listen, let certificate, let privateKey, let authority else { return nil }
    return AgentListenerConfiguration(
      host: listen.host, port: listen.port, certificate: certificate, privateKey: privateKey,
      certificateAuthority: authority)
  }
}

/// An array with the line that it is defined in.
struct ArrayEntry {
  let value: ArrayConfiguration
  let line: Int

  init?(_ section: Section<ArrayConfiguration.Key>) {
    let name = section.required(.name, .name("the name of an array"))
    let nodes = section.requiredList(.nodes, .node)
    let maxUnavailable = section.optional(.maxUnavailable, .integer(1...1024)) ?? 1
    guard let name, let nodes else { return nil }
    value = ArrayConfiguration(name: name, nodes: nodes.map(\.value), maxUnavailable: maxUnavailable)
    line = section.line(of: .name)
  }
}

extension ArrayConfiguration {
  /// The keys of an entry of `arrays`.
  enum Key: String, SectionKey {
    case name, nodes, maxUnavailable
  }
}

extension StoreConfiguration {
  /// The keys of `store`.
  enum Key: String, SectionKey {
    case directory, keyFile
  }

  static func read(_ section: Section<Key>?, environment: [String: String]) -> StoreConfiguration {
    StoreConfiguration(
      directory: section?.optional(.directory, .path) ?? "/var/lib/asa-rotator",
      keyFile: section?.optional(.keyFile, .path) ?? defaultKeyFile(environment))
  }

  private static func defaultKeyFile(_ environment: [String: String]) -> String {
    // systemd sets the variable for every unit with any credential; ours may still be the plain file.
    if let directory = environment["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/"),
      ConfigurationFile.exists(directory + "/store.key")
    {
      return directory + "/store.key"
    }
    return "/etc/asa-rotator/store.key"
  }
}

extension ControlConfiguration {
  /// The keys of `control`.
  enum Key: String, SectionKey {
    case directory, statusGroup, adminGroup
  }

  /// The longest directory that leaves room for `/control.sock` in a Unix socket address (108 bytes with the end mark).
  private static let longestDirectory = 107 - "/control.sock".utf8.count

  static func read(_ section: Section<Key>?) -> ControlConfiguration {
    let directory = section?.optional(.directory, .path) ?? "/run/asa-rotator"
    if directory.utf8.count > longestDirectory, let section {
      section.faults.report(
        section.line(of: .directory), "directory: the path of a Unix socket would be too long",
        remedy: "use at most \(longestDirectory) bytes")
    }
    return ControlConfiguration(
      directory: directory, statusGroup: section?.optional(.statusGroup, .name("the name of a group")),
      adminGroup: section?.optional(.adminGroup, .name("the name of a group")))
  }
}

extension MetricsConfiguration {
  /// The keys of `metrics`.
  enum Key: String, SectionKey {
    case file
  }

  static func read(_ section: Section<Key>?) -> MetricsConfiguration {
    MetricsConfiguration(file: section?.optional(.file, .path))
  }
}

extension LogConfiguration {
  /// The keys of `log`.
  enum Key: String, SectionKey {
    case level
  }

  private static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

  static func read(_ section: Section<Key>?) -> LogConfiguration {
    LogConfiguration(level: section?.optional(.level, .word(levels)) ?? "info")
  }
}
