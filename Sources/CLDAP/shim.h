#pragma once
#include <sys/time.h>
#include <lber.h>
#include <ldap.h>
#include <openldap.h>
#include <sasl/sasl.h>

/* LDAP_OPT_ON is a cast of the address of a mutable global, which Swift does not import. */
static inline const void *asa_ldap_option_on(void) { return LDAP_OPT_ON; }
