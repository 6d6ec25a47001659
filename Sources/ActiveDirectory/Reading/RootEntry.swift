import Foundation
import RotationCore

/// What the server says of itself at the root of the tree (MS-ADTS 3.1.1.3.2), and whom it takes us for.
struct RootEntry {
  let dnsHostName: String
  let serviceName: String
  let domain: String
  let configuration: String
  let schema: String
  let isGlobalCatalog: Bool
  let clockOffset: TimeInterval
  /// The SIDs of our security context.
  let token: Set<SecurityIdentifier>

  init(over connection: LDAPConnection) throws(LDAPFailure) {
    let attributes = [
      "dnsHostName", "dsServiceName", "defaultNamingContext", "configurationNamingContext", "schemaNamingContext",
      "isGlobalCatalogReady", "currentTime", "tokenGroups",
    ]
    let asked = Date()
    let answer = try connection.read("", attributes)
    // Half the round trip is the best guess at the moment of the answer.
    let middle = asked.addingTimeInterval(Date().timeIntervalSince(asked) / 2)
    let entry = answer ?? LDAPEntry(distinguishedName: "", values: [:])
    dnsHostName = try entry.required("dnsHostName", entry.text("dnsHostName"))
    serviceName = try entry.required("dsServiceName", entry.text("dsServiceName"))
    domain = try entry.required("defaultNamingContext", entry.text("defaultNamingContext"))
    configuration = try entry.required("configurationNamingContext", entry.text("configurationNamingContext"))
    schema = try entry.required("schemaNamingContext", entry.text("schemaNamingContext"))
    isGlobalCatalog = entry.text("isGlobalCatalogReady") == "TRUE"
    let time = try entry.required("currentTime", entry.text("currentTime").flatMap(DirectoryTime.generalized))
    clockOffset = time.timeIntervalSince(middle)
    token = try Self.token(in: entry)
  }

  private static func token(in entry: LDAPEntry) throws(LDAPFailure) -> Set<SecurityIdentifier> {
    var token: Set<SecurityIdentifier> = []
    for value in entry.all("tokenGroups") {
      do { token.insert(try SecurityIdentifier(bytes: value)) } catch {
        throw .fault(OperatorFault(.protocol, "RootDSE tokenGroups", error.problem))
      }
    }
    return try entry.required("tokenGroups", token.isEmpty ? nil : token)
  }
}
