#pragma once
#include <sys/time.h>
#include <lber.h>
#include <ldap.h>
#include <sasl/sasl.h>
