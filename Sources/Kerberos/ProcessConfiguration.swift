import CKerberos
import Foundation
import Glibc
package import RotationCore

/// The process-wide Kerberos configuration, which our own contexts never read but libgssapi always does.
package enum ProcessConfiguration {
  /// What libgssapi is left with: it takes host names as they are, knows no KDC, and has no credentials but those handed to it.
  private static let contents = """
    [libdefaults]
      rdns = false
      dns_canonicalize_hostname = false
      dns_lookup_kdc = false
      dns_lookup_realm = false
      default_ccache_name = MEMORY:none
      default_keytab_name = MEMORY:none
      default_client_keytab_name = MEMORY:none

    """

  private static let variables = [
    "KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME", "KRB5_TRACE", "KRB5RCACHENAME", "KRB5RCACHETYPE", "KRB5RCACHEDIR",
    "GSS_MECH_CONFIG",
  ]

  /// Cuts the process off from `/etc/krb5.conf` and from every Kerberos variable of its environment.
  ///
  /// libgssapi opens its contexts itself and offers no other way in. The site's file must not decide here: with MIT's default `rdns = true`, for
  /// one, a missing PTR record of a domain controller is enough to make the bind fail. The configuration is a memory file, which stays open as
  /// long as the process lives.
  ///
  /// Call it first thing in `main`: it changes the environment, which is safe only while there is one thread.
  ///
  /// - Returns: The environment as it was, `NAME=VALUE` each, for programs that are started on somebody else's behalf.
  /// - Throws: ``OperatorFault`` of kind `.system` if the system refuses the memory file.
  @discardableResult
  package static func isolate() throws(OperatorFault) -> [String] {
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    let descriptor = asa_memory_file("asa-krb5.conf")
    let bytes = Array(contents.utf8)
    guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count,
      setenv("KRB5_CONFIG", "/proc/self/fd/\(descriptor)", 1) == 0
    else {
      throw OperatorFault(.system, "Kerberos configuration in memory", String(cString: strerror(errno)))
    }
    for variable in variables { unsetenv(variable) }
    return environment
  }
}
