package import RotationCore

/// What an agent signs with its certificate's key at the start of every stream.
package enum AttachSignature {
  /// Keeps the signature from being of use in any other protocol.
  private static let context = "asa.agent.v1 attach"

  /// The bytes to sign: the context, a zero byte, the challenge's nonce, the node name, a zero byte and the installation.
  ///
  /// - Parameters:
  ///   - nonce: The challenge's 32 bytes.
  ///   - node: The node, in its normal (lower-case) form.
  ///   - installation: The agent installation exactly as in the Hello.
  package static func message(nonce: [UInt8], node: NodeName, installation: String) -> [UInt8] {
    Array(context.utf8) + [0] + nonce + Array(node.description.utf8) + [0] + Array(installation.utf8)
  }
}
