package import GRPCCore
import SwiftProtobuf

/// How faults travel where a call has no message of its own for them: serialised in the trailing metadata of the gRPC status,
/// one value per fault, so that neither side ever reads a status message.
extension Asa_Control_V1_Fault {
  /// The metadata key; the suffix marks binary values (gRPC over HTTP/2, "Custom-Metadata").
  private static let metadataKey = "asa-fault-bin"
  /// The most bytes of faults in one status. Base64 makes them a third longer, and NIO's HTTP/2 takes header blocks of up to 16 KiB.
  private static let mostBytes = 8192

  /// The error to throw in a handler.
  package func asRPCError(code: RPCError.Code = .failedPrecondition) -> RPCError {
    Self.asRPCError([self], code: code)
  }

  /// The error to throw in a handler that found several faults. What does not fit is counted in a last fault of its own.
  package static func asRPCError(_ faults: [Asa_Control_V1_Fault], code: RPCError.Code = .failedPrecondition) -> RPCError {
    var metadata = Metadata()
    var room = mostBytes
    for (index, fault) in faults.enumerated() {
      // A message of four strings always serialises; without its bytes the status code alone is sent.
      guard let bytes = try? fault.serializedBytes() as [UInt8] else { continue }
      guard bytes.count <= room else {
        let remark = Self.remark(on: faults[index...])
        if let bytes = try? remark.serializedBytes() as [UInt8] { metadata.addBinary(bytes, forKey: metadataKey) }
        break
      }
      room -= bytes.count
      metadata.addBinary(bytes, forKey: metadataKey)
    }
    let message = faults.first.map { "\($0.subject): \($0.problem)" } ?? ""
    return RPCError(code: code, message: String(message.prefix(500)), metadata: metadata)
  }

  private static func remark(on rest: ArraySlice<Asa_Control_V1_Fault>) -> Asa_Control_V1_Fault {
    .with {
      $0.kind = rest.first?.kind ?? ""
      $0.subject = "asa-rotatord"
      $0.problem = rest.count == 1 ? "one more fault was found" : "\(rest.count) more faults were found"
      $0.remedy = "remove those that are named, then try again"
    }
  }

  /// Reads the faults that an error carries, in their order; empty if it carries none.
  package static func all(carriedBy error: RPCError) -> [Asa_Control_V1_Fault] {
    error.metadata[binaryValues: metadataKey].compactMap { try? Asa_Control_V1_Fault(serializedBytes: $0) }
  }
}
