package import GRPCCore
import SwiftProtobuf

/// How a fault travels where a call has no message of its own for it: serialised in the trailing metadata of the gRPC status,
/// so that neither side ever reads a status message.
extension Asa_Control_V1_Fault {
  /// The metadata key; the suffix marks binary values (gRPC over HTTP/2, "Custom-Metadata").
  private static let metadataKey = "asa-fault-bin"

  /// The error to throw in a handler.
  package func asRPCError(code: RPCError.Code = .failedPrecondition) -> RPCError {
    var metadata = Metadata()
    // A message of four strings always serialises; without its bytes the status code alone is sent.
    if let bytes = try? serializedBytes() as [UInt8] { metadata.addBinary(bytes, forKey: Self.metadataKey) }
    return RPCError(code: code, message: "\(subject): \(problem)", metadata: metadata)
  }

  /// Reads the fault that an error carries; `nil` if it carries none.
  package init?(carriedBy error: RPCError) {
    guard let bytes = error.metadata[binaryValues: Self.metadataKey].first(where: { _ in true }),
      let fault = try? Asa_Control_V1_Fault(serializedBytes: bytes)
    else { return nil }
    self = fault
  }
}
