// swift-tools-version: 6.2
import PackageDescription

// One section per layer of the module drawing (see README): a target may depend only on targets of the layers below it.
// Adapters never depend on one another. Warnings are errors in every target of this package.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

// MARK: Libraries from outside

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport: Target.Dependency = .product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioCertificateReloading: Target.Dependency = .product(name: "NIOCertificateReloading", package: "swift-nio-extras")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let swiftASN1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let swiftProtobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "asa-rotator",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "asa-rotatord", targets: ["asa-rotatord"]),
    .executable(name: "asa-agentd", targets: ["asa-agentd"]),
    .executable(name: "asactl", targets: ["asactl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // MARK: C libraries

    .systemLibrary(name: "CKerberos", providers: [.apt(["libkrb5-dev"])]),
    .systemLibrary(name: "CLDAP", providers: [.apt(["libldap2-dev", "libsasl2-dev"])]),
    .systemLibrary(name: "CSystemd", providers: [.apt(["libsystemd-dev"])]),

    // MARK: Leaf

    .target(name: "FaultHooks", swiftSettings: settings),
    .target(name: "ManualPages", swiftSettings: settings),
    .target(name: "PosixStatus", swiftSettings: settings),
    .target(name: "SecretMemory", swiftSettings: settings),

    // MARK: Contracts

    .target(name: "RotationCore", dependencies: ["SecretMemory", crypto, logging], swiftSettings: settings),
    .target(
      name: "AgentProtocol",
      dependencies: ["RotationCore", "SecretMemory", grpcCore, grpcProtobuf, swiftProtobuf],
      exclude: ["asa_agent_v1.proto"], swiftSettings: settings),
    .target(
      name: "ControlProtocol", dependencies: [grpcCore, grpcProtobuf, swiftProtobuf],
      exclude: ["asa_control_v1.proto"], swiftSettings: settings),

    // MARK: Adapters

    .target(
      name: "ActiveDirectory", dependencies: ["CLDAP", "RotationCore", "SecretMemory", logging],
      swiftSettings: settings),
    .target(
      name: "Kerberos", dependencies: ["CKerberos", "PosixStatus", "RotationCore", "SecretMemory"], swiftSettings: settings),
    .target(
      name: "CredentialStore", dependencies: ["PosixStatus", "RotationCore", "SecretMemory", crypto, grdb],
      swiftSettings: settings),
    .target(name: "Systemd", dependencies: ["CSystemd", "PosixStatus", "RotationCore", logging], swiftSettings: settings),
    .target(
      name: "AgentService",
      dependencies: [
        "AgentProtocol", "RotationCore", "SecretMemory", crypto, grpcCore, grpcProtobuf, grpcTransport, logging,
        nioCertificateReloading, nioCore, nioPosix, nioSSL, nioTLS, swiftASN1, swiftProtobuf, x509,
      ], swiftSettings: settings),
    .target(name: "Configuration", dependencies: ["PosixStatus", "RotationCore", yams], swiftSettings: settings),
    .target(
      name: "WebProbe",
      dependencies: ["RotationCore", crypto, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS, swiftASN1, x509],
      swiftSettings: settings),

    // MARK: Composition

    .target(
      name: "RotationDaemon",
      dependencies: [
        "ActiveDirectory", "AgentProtocol", "AgentService", "Configuration", "ControlProtocol", "CredentialStore", "FaultHooks",
        "Kerberos", "PosixStatus", "RotationCore", "SecretMemory", "Systemd", grpcCore, grpcProtobuf, grpcTransport, lifecycle,
        logging,
        nioCore, nioPosix, swiftProtobuf, unixSignals,
      ], swiftSettings: settings),
    .target(
      name: "NodeAgent",
      dependencies: [
        "ActiveDirectory", "AgentProtocol", "Configuration", "FaultHooks", "Kerberos", "PosixStatus", "RotationCore",
        "SecretMemory", "Systemd",
        crypto,
        grpcCore, grpcProtobuf, grpcTransport, lifecycle, logging, nioCore, nioPosix, nioSSL, swiftASN1, swiftProtobuf,
        unixSignals, x509,
      ], swiftSettings: settings),
    .target(
      name: "ControlCommands",
      dependencies: [
        "ActiveDirectory", "Configuration", "ControlProtocol", "CredentialStore", "Kerberos", "PosixStatus", "RotationCore",
        "SecretMemory", "Systemd", "WebProbe",
        argumentParser, crypto, cryptoExtras, grpcCore, grpcProtobuf, grpcTransport, logging, nioCore, nioPosix, swiftASN1,
        swiftProtobuf, unixSignals, x509,
      ], swiftSettings: settings),

    // MARK: Executables

    .executableTarget(
      name: "asa-rotatord", dependencies: ["RotationCore", "RotationDaemon", argumentParser, logging],
      swiftSettings: settings),
    .executableTarget(
      name: "asa-agentd", dependencies: ["NodeAgent", "RotationCore", argumentParser], swiftSettings: settings),
    .executableTarget(
      name: "asactl", dependencies: ["ControlCommands", "RotationCore", argumentParser], swiftSettings: settings),
    .executableTarget(name: "asa-manual", dependencies: ["ManualPages", argumentParser], swiftSettings: settings),

    // MARK: Tests

    .target(name: "ChildProcesses", path: "Tests/ChildProcesses", swiftSettings: settings),
    .target(
      name: "RotationTestSupport", dependencies: ["RotationCore", "SecretMemory", logging], path: "Tests/RotationTestSupport",
      swiftSettings: settings),
    .target(
      name: "Simulation", dependencies: ["RotationCore", "SecretMemory", logging], path: "Tests/Simulation/World",
      swiftSettings: settings),
    .executableTarget(
      name: "asa-simulate", dependencies: ["Simulation"], path: "Tests/Simulation/Program", swiftSettings: settings),
    .testTarget(name: "SecretMemoryTests", dependencies: ["SecretMemory"], swiftSettings: settings),
    .testTarget(
      name: "RotationCoreTests", dependencies: ["RotationCore", "RotationTestSupport", "SecretMemory", logging],
      swiftSettings: settings),
    .testTarget(
      name: "KerberosTests", dependencies: ["ChildProcesses", "Kerberos", "PosixStatus", "RotationCore", "SecretMemory"],
      swiftSettings: settings),
    .testTarget(
      name: "ActiveDirectoryTests", dependencies: ["ActiveDirectory", "RotationCore", "SecretMemory", logging],
      swiftSettings: settings),
    .testTarget(
      name: "CredentialStoreTests", dependencies: ["CredentialStore", "RotationCore", "SecretMemory", grdb],
      swiftSettings: settings),
    .testTarget(
      name: "SystemdTests", dependencies: ["ChildProcesses", "PosixStatus", "RotationCore", "Systemd", logging],
      swiftSettings: settings),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "RotationCore"], swiftSettings: settings),
    .testTarget(
      name: "WebProbeTests",
      dependencies: ["RotationCore", "WebProbe", crypto, nioCore, nioHTTP1, nioPosix, nioSSL, swiftASN1, x509],
      swiftSettings: settings),
    .testTarget(
      name: "AgentServiceTests",
      dependencies: [
        "AgentProtocol", "AgentService", "RotationCore", "SecretMemory", crypto, cryptoExtras, grpcCore, grpcProtobuf,
        grpcTransport, logging, nioCore, nioPosix, nioSSL, swiftASN1, swiftProtobuf, x509,
      ], swiftSettings: settings),
    .testTarget(
      name: "NodeAgentTests",
      dependencies: [
        "AgentProtocol", "AgentService", "ChildProcesses", "Configuration", "Kerberos", "NodeAgent", "RotationCore",
        "RotationTestSupport", "SecretMemory", "Systemd", crypto, cryptoExtras, logging, swiftASN1, x509,
      ], swiftSettings: settings),
    .testTarget(
      name: "ControlCommandsTests",
      dependencies: [
        "ActiveDirectory", "ChildProcesses", "Configuration", "ControlCommands", "ControlProtocol", "CredentialStore",
        "ManualPages",
        "RotationCore", "RotationTestSupport", "SecretMemory", "WebProbe", argumentParser, crypto, grpcCore, grpcTransport,
        swiftASN1,
        swiftProtobuf, x509,
      ], swiftSettings: settings),
    .testTarget(name: "ManualPagesTests", dependencies: ["ChildProcesses", "ManualPages"], swiftSettings: settings),
    .testTarget(
      name: "RotationDaemonTests", dependencies: ["FaultHooks", "RotationCore", "RotationDaemon", logging],
      swiftSettings: settings),
    .testTarget(name: "ArchitectureTests", swiftSettings: settings),
    .testTarget(
      name: "LabTests",
      dependencies: [
        "ActiveDirectory", "ChildProcesses", "Configuration", "Kerberos", "NodeAgent", "RotationCore", "RotationTestSupport",
        "SecretMemory", logging,
      ], swiftSettings: settings),
  ]
)
