package import Foundation

/// One domain controller as somebody who administers accounts uses it, over LDAP sealed with GSSAPI.
///
/// Every method throws ``OperatorFault``: `.unavailable` if it does not answer, `.permission` if the bind is refused, the SSF is below
/// 128, or the right for a write is missing. A write whose answer was lost says that it may have been applied.
package protocol DirectoryAdministering: Sendable {
  /// What it says of itself and its domain.
  ///
  /// - Throws: ``OperatorFault``, also `.configuration` if it serves another realm.
  func describeDomain() async throws(OperatorFault) -> AdministeredDomain

  /// Reads an account; `nil` if it has none such (yet).
  ///
  /// - Parameter stampAttribute: The attribute that carries the stamp; `nil` where there is none.
  func account(
    _ reference: AccountReference, stampAttribute: String?
  ) async throws(OperatorFault) -> AdministeredAccount?

  /// The accounts of its domain whose attribute of this name begins like a stamp.
  func accounts(stampedIn attribute: String) async throws(OperatorFault) -> BoundedFindings<AdministeredAccount>

  /// The objects of the whole forest that hold any of these SPNs, compared without regard to case, by its global catalog.
  ///
  /// - Throws: ``OperatorFault``, also `.unavailable` if it is no global catalog.
  func forestHolders(of names: [String]) async throws(OperatorFault) -> [ServicePrincipalNameHolder]

  /// The objects of the whole forest that hold an SPN like `pattern`, in which `*` stands for anything and every other character for itself.
  ///
  /// - Throws: As ``forestHolders(of:)``.
  func forestHolders(
    matching pattern: String, limit: Int
  ) async throws(OperatorFault) -> BoundedFindings<ServicePrincipalNameHolder>

  /// The distinguished names of the forest's objects that have this sAMAccountName.
  ///
  /// - Throws: As ``forestHolders(of:)``.
  func namesakes(of samAccountName: String) async throws(OperatorFault) -> [String]

  /// Where accounts of a kind go unless somebody says otherwise (MS-ADTS 6.1.1.4, wellKnownObjects).
  func standardContainer(for kind: DirectoryAccount.Kind) async throws(OperatorFault) -> String

  /// The object classes of an object, the most general first; empty if there is no such object.
  func objectClasses(of distinguishedName: String) async throws(OperatorFault) -> [String]

  /// The schemaIDGUID of an attribute, by which entries of a DACL name it.
  ///
  /// - Throws: ``OperatorFault``, also `.configuration` if it is not in the schema, or not fit to carry a stamp.
  func identifier(ofStampAttribute attribute: String) async throws(OperatorFault) -> UUID

  /// The rights of a principal of the same domain (`name`, `DOMAIN\name` or `name@REALM`) on an object.
  ///
  /// - Throws: ``OperatorFault``, also `.noInput` if there is no such principal or object.
  func rights(
    of principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights

  /// Makes an account, its password in the same request.
  ///
  /// - Returns: Its objectGUID.
  /// - Throws: ``OperatorFault``, also `.cannotCreate` if the name is taken.
  func create(_ account: NewAccount) async throws(OperatorFault) -> UUID

  /// Registers SPNs on an object: all of them or none.
  ///
  /// - Throws: ``OperatorFault``, also `.cannotCreate` if the domain controller knows another object that holds one.
  func addServicePrincipalNames(_ names: [String], to object: UUID) async throws(OperatorFault)

  /// Takes SPNs, as they are spelled there, off an object: all of them or none.
  func removeServicePrincipalNames(_ names: [String], from object: UUID) async throws(OperatorFault)

  /// Disables an account.
  func disable(_ object: UUID) async throws(OperatorFault)

  /// Deletes an account.
  func delete(_ object: UUID) async throws(OperatorFault)

  /// Grants rights on an object to a principal, each by an entry of its own, and leaves every other entry as it is; those that it has by
  /// entries for itself are not granted again.
  ///
  /// - Returns: What it has afterwards.
  /// - Throws: As ``rights(of:on:stampAttribute:)``.
  func grant(
    _ rights: Set<DelegatedRight>, to principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights

  /// Takes back what ``grant(_:to:on:stampAttribute:)`` grants, and leaves every other entry as it is.
  ///
  /// - Returns: What it has afterwards.
  /// - Throws: As ``rights(of:on:stampAttribute:)``.
  func revoke(
    _ rights: Set<DelegatedRight>, from principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights
}
