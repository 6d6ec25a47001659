import Foundation
import Glibc
import PosixStatus
import RotationCore
package import SecretMemory

/// Obtains the passphrase that seals the authority's key, from a file or from the person at the terminal.
package struct Passphrase: Sendable {
  /// The fewest bytes that are accepted.
  package static let shortest = 12
  /// The most bytes that are read.
  package static let longest = 1024
  private let file: String?
  private let terminal: Terminal

  /// Makes a source: the file if one is named, else the terminal.
  package init(file: String?, terminal: Terminal) {
    self.file = file
    self.terminal = terminal
  }

  /// The passphrase of an existing key.
  ///
  /// - Throws: `OperatorFault` of kind `.usage` without a file and a terminal, or for the file what ``new()`` says.
  package func existing() async throws -> SecretBytes {
    if let file { return try Self.read(file) }
    return try await ask("Passphrase of the authority's key: ")
  }

  /// A passphrase for a new key; a person types it twice.
  ///
  /// - Throws: `OperatorFault` of kind `.usage` if it is too short or the two differ, `.permission` if others may read the
  ///   file, `.noInput` if there is none.
  package func new() async throws -> SecretBytes {
    if let file { return try Self.longEnough(Self.read(file), subject: file) }
    let first = try Self.longEnough(try await ask("New passphrase for the authority's key: "), subject: "passphrase")
    guard first == (try await ask("The same passphrase again: ")) else {
      throw OperatorFault(.usage, "passphrase", "the two differ", remedy: "type the same one twice")
    }
    return first
  }

  private func ask(_ question: String) async throws -> SecretBytes {
    guard terminal.isInteractive else {
      throw OperatorFault(
        .usage, "passphrase", "there is no terminal to ask for it on", remedy: "name a file with --passphrase-file")
    }
    guard let answer = try await terminal.asksSecretly(question) else {
      throw OperatorFault(.usage, "passphrase", "none was given", remedy: "type it, or use --passphrase-file FILE")
    }
    return answer
  }

  private static func longEnough(_ secret: SecretBytes, subject: String) throws(OperatorFault) -> SecretBytes {
    guard secret.count >= shortest else {
      throw OperatorFault(
        .usage, subject, "the passphrase has fewer than \(shortest) bytes", remedy: "choose a longer one")
    }
    return secret
  }

  private static func read(_ path: String) throws(OperatorFault) -> SecretBytes {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.reading(path, errno) }
    defer { close(descriptor) }
    guard let status = FileStatus(descriptor: descriptor) else { throw FileFault.reading(path, errno) }
    guard status.mode & 0o077 == 0 else {
      throw OperatorFault(.permission, path, "others may read it", remedy: "chmod 600 \(path)")
    }
    return try readLine(descriptor, path)
  }

  private static func readLine(_ descriptor: Int32, _ path: String) throws(OperatorFault) -> SecretBytes {
    var line = SecretLine(capacity: longest)
    while true {
      var byte: UInt8 = 0
      let count = Glibc.read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileFault.reading(path, errno) }
      if count == 0 || byte == UInt8(ascii: "\n") { return line.finish() }
      line.append(byte)
    }
  }
}
