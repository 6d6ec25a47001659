import CKerberos
import Glibc
import RotationCore

/// The configuration of one private libkrb5 context, from memory alone.
///
/// libprofile caches files process-wide by path, and the default files and `KRB5_CONFIG` belong to other programs. A profile of
/// its own functions reads neither.
final class InMemoryProfile {
  private let relations: [[String]: String]

  /// Settings for a context that knows one KDC, or none.
  init(realm: Realm, kdc: String?) {
    var relations: [[String]: String] = [
      ["libdefaults", "default_realm"]: realm.description,
      ["libdefaults", "dns_lookup_kdc"]: "false",
      ["libdefaults", "dns_lookup_realm"]: "false",
      ["libdefaults", "rdns"]: "false",
      ["libdefaults", "dns_canonicalize_hostname"]: "false",
      ["libdefaults", "udp_preference_limit"]: "1",
      ["libdefaults", "allow_weak_crypto"]: "false",
      // Off by default since 1.21: an account whose tickets are still RC4 could be neither served nor moved away from it.
      ["libdefaults", "allow_rc4"]: "true",
      ["libdefaults", "default_rcache_name"]: "none:",
    ]
    for role in ["kdc", "master_kdc", "primary_kdc", "kpasswd_server"] {
      relations[["realms", realm.description, role]] = kdc
    }
    self.relations = relations
  }

  /// Opens a context on this profile, whatever the environment says.
  func openContext() -> (code: krb5_error_code, context: krb5_context?) {
    var table = profile_vtable()
    table.minor_ver = 1
    table.get_values = Self.getValues
    table.free_values = Self.freeValues
    table.cleanup = { data in data.map { Unmanaged<InMemoryProfile>.fromOpaque($0).release() } }
    table.copy = { data, copy in
      copy?.pointee = data.map { Unmanaged<InMemoryProfile>.fromOpaque($0).retain().toOpaque() }
      return 0
    }
    let held = Unmanaged.passRetained(self)
    var profile: profile_t?
    let failure = profile_init_vtable(&table, held.toOpaque(), &profile)
    guard failure == 0, let profile else {
      held.release()
      return (krb5_error_code(truncatingIfNeeded: failure), nil)
    }
    defer { profile_release(profile) }
    var context: krb5_context?
    let code = krb5_init_context_profile(profile, krb5_flags(KRB5_INIT_CONTEXT_SECURE), &context)
    return (code, context)
  }

  private static let getValues: profile_get_values_fn = { data, names, values in
    guard let data, let names, let values else { return Int(PROF_EINVAL) }
    var path: [String] = []
    var next = names
    while let name = next.pointee {
      path.append(String(cString: name))
      next += 1
    }
    let profile = Unmanaged<InMemoryProfile>.fromOpaque(data).takeUnretainedValue()
    guard let value = profile.relations[path] else { return Int(PROF_NO_RELATION) }
    guard let list = calloc(2, MemoryLayout<UnsafeMutablePointer<CChar>?>.stride) else { return Int(ENOMEM) }
    let strings = list.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
    strings[0] = strdup(value)
    values.pointee = strings
    return 0
  }

  private static let freeValues: profile_free_values_fn = { _, values in
    free(values?.pointee)
    free(values)
  }
}
