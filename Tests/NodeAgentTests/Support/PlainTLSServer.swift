import Foundation
import Glibc

/// A TLS server that speaks nothing further (`openssl s_server`), for certificates that the rotator's own service would not start with.
final class PlainTLSServer {
  private(set) var port = 0
  private let process = Process()
  private let input = Pipe()

  init(certificate: (certificate: String, key: String), in directory: TestDirectory) throws {
    let chain = try directory.write("plain.pem", certificate.certificate)
    let key = try directory.write("plain.key", certificate.key)
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = ["s_server", "-accept", "127.0.0.1:0", "-cert", chain, "-key", key, "-alpn", "h2"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var said = ""
    // "ACCEPT 127.0.0.1:PORT" once it listens.
    while !said.contains(/ACCEPT .*\n/) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += String(decoding: more, as: UTF8.self)
    }
    guard let port = said.firstMatch(of: /ACCEPT .*:([0-9]+)\n/).flatMap({ Int($0.output.1) }) else {
      stop()
      throw CocoaError(.fileReadUnknown)
    }
    self.port = port
  }

  func stop() {
    // Not SIGTERM: the test process has it blocked, and children inherit that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
