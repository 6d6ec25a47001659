#pragma once
#include <com_err.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>
#include <profile.h>
#include <sys/syscall.h>
#include <unistd.h>

// Here and not in Swift: GSS_ERROR is a function-like macro and gss_mech_krb5 a mutable global, which Swift 6 imports neither of, and a
// credential store is a nest of pointers to locals.
static inline int asa_gss_error(OM_uint32 major) { return GSS_ERROR(major) != 0; }

static inline OM_uint32 asa_gss_initiate_from_ccache(OM_uint32 *minor, const char *ccache, gss_cred_id_t *credential) {
  gss_key_value_element_desc element = {"ccache", ccache};
  gss_key_value_set_desc store = {1, &element};
  gss_OID_set_desc mechanisms = {1, (gss_OID)gss_mech_krb5};
  return gss_acquire_cred_from(
      minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE, &store, credential, NULL, NULL);
}

// A credential that negotiates with SPNEGO (RFC 4178), and offers Kerberos alone.
static inline OM_uint32 asa_gss_negotiate_from_ccache(OM_uint32 *minor, const char *ccache, gss_cred_id_t *credential) {
  gss_key_value_element_desc element = {"ccache", ccache};
  gss_key_value_set_desc store = {1, &element};
  gss_OID_desc spnego = {6, "\x2b\x06\x01\x05\x05\x02"};
  gss_OID_set_desc wanted = {1, &spnego}, offered = {1, (gss_OID)gss_mech_krb5};
  OM_uint32 major = gss_acquire_cred_from(
      minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &wanted, GSS_C_INITIATE, &store, credential, NULL, NULL);
  return GSS_ERROR(major) ? major : gss_set_neg_mechs(minor, *credential, &offered);
}

// One step of a SPNEGO negotiation that demands mutual authentication. GSSAPI only reads the binding, which it takes as mutable.
static inline OM_uint32 asa_gss_negotiate(
    OM_uint32 *minor, gss_cred_id_t credential, gss_ctx_id_t *context, gss_name_t target, const void *binding,
    size_t binding_length, gss_buffer_t input, gss_buffer_t output, OM_uint32 *flags) {
  gss_OID_desc spnego = {6, "\x2b\x06\x01\x05\x05\x02"};
  struct gss_channel_bindings_struct bindings = {0};
  bindings.application_data.length = binding_length;
  bindings.application_data.value = (void *)binding;
  return gss_init_sec_context(
      minor, credential, context, target, &spnego, GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG, 0,
      binding_length > 0 ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, input, NULL, output, flags, NULL);
}

// memfd_create(2), which the headers show only with _GNU_SOURCE. 1 is MFD_CLOEXEC.
static inline int asa_memory_file(const char *name) {
  extern long syscall(long number, ...);
  return (int)syscall(SYS_memfd_create, name, 1U);
}
