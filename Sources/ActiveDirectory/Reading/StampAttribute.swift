import Foundation
import RotationCore

/// The stamp attribute as the schema describes it.
struct StampAttribute {
  let identifier: UUID
  let propertySet: UUID?

  /// Looks the attribute up in the schema.
  init(named name: String, over connection: LDAPConnection, root: RootEntry) throws(LDAPFailure) {
    let filter = SearchFilter.all(.equal("objectClass", "attributeSchema"), .equal("lDAPDisplayName", name))
    let attributes = ["schemaIDGUID", "attributeSecurityGUID", "isSingleValued"]
    guard let entry = try connection.search(root.schema, .oneLevel, filter, attributes).first else {
      throw .fault(Self.unfit(name, "is not in the schema of \(root.dnsHostName)"))
    }
    // On a multi-valued attribute two claims could be added side by side, and neither would lose.
    guard entry.text("isSingleValued") == "TRUE" else { throw .fault(Self.unfit(name, "can hold several values")) }
    identifier = try entry.required("schemaIDGUID", entry.identifier("schemaIDGUID"))
    propertySet = entry.identifier("attributeSecurityGUID")
  }

  private static func unfit(_ name: String, _ problem: String) -> OperatorFault {
    OperatorFault(
      .configuration, "stamp attribute '\(name)'", problem,
      remedy: "name a single-valued text attribute, such as adminDescription")
  }
}
