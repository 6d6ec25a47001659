import RotationCore
import SwiftProtobuf

/// How a node looks at an account in the directory by itself while it hears of no rotator.
package struct DirectoryWatch: Sendable, Equatable, Codable {
  /// A domain controller.
  package struct Controller: Sendable, Equatable, Codable {
    /// Its DNS name.
    package var name: String
    /// Its address, where DNS is not to be asked.
    package var address: String?

    /// Makes a controller from its parts.
    package init(name: String, address: String?) {
      self.name = name
      self.address = address
    }
  }

  /// All that issue tickets for the account, as far as the rotator is told; none: those that DNS names.
  package var controllers: [Controller]
  /// The attribute that carries the stamp.
  package var stampAttribute: String
  /// How often to look, in seconds.
  package var seconds: Int

  /// Makes a watch from its parts.
  package init(controllers: [Controller], stampAttribute: String, seconds: Int) {
    self.controllers = controllers
    self.stampAttribute = stampAttribute
    self.seconds = seconds
  }
}

extension DirectoryWatch {
  init(_ wire: Asa_Agent_V1_DirectoryWatch, field: String, reader: WireReader) throws(OperatorFault) {
    self.init(
      controllers: try reader.list(wire.controllers, "\(field).controllers", limit: WireLimits.controllers) {
        (wire, field) throws(OperatorFault) in
        let address = try reader.text(wire.address, "\(field).address")
        return Controller(
          name: try reader.text(wire.name, "\(field).name"), address: address.isEmpty ? nil : address)
      }, stampAttribute: try reader.text(wire.stampAttribute, "\(field).stamp_attribute"),
      seconds: max(1, Int(wire.seconds)))
  }

  var wire: Asa_Agent_V1_DirectoryWatch {
    .with { watch in
      watch.controllers = controllers.map { controller in
        .with {
          $0.name = controller.name
          $0.address = controller.address ?? ""
        }
      }
      watch.stampAttribute = stampAttribute
      watch.seconds = UInt32(clamping: seconds)
    }
  }
}
