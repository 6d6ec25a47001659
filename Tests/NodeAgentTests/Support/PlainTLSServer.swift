import ChildProcesses
import Foundation
import Glibc

/// A TLS server that speaks nothing further (`openssl s_server`), for certificates that the rotator's own service would not start with.
final class PlainTLSServer {
  private(set) var port = 0
  private let process: ChildProcess
  /// It reads its input for as long as nobody writes: at an end of it, it would go.
  private let input: Int32

  init(certificate: (certificate: String, key: String), in directory: TestDirectory) throws {
    let chain = try directory.write("plain.pem", certificate.certificate)
    let key = try directory.write("plain.key", certificate.key)
    let output = try directory.write("plain.log", "")
    let silence = "\(directory.path)/silence"
    mkfifo(silence, 0o600)
    input = open(silence, O_RDWR | O_CLOEXEC)
    process = try ChildProcess(
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", chain, "-key", key, "-alpn", "h2"], input: silence,
      output: output)
    while process.isRunning {
      // "ACCEPT 127.0.0.1:PORT" once it listens.
      let said = String(decoding: try directory.contents("plain.log"), as: UTF8.self)
      if let port = said.firstMatch(of: /ACCEPT .*:([0-9]+)\n/).flatMap({ Int($0.output.1) }) {
        self.port = port
        return
      }
      usleep(10_000)
    }
    throw CocoaError(.fileReadUnknown)
  }

  func stop() {
    process.signal(SIGKILL)
    process.wait()
    close(input)
  }
}
