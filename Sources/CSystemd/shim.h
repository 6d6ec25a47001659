#pragma once
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

// prctl is variadic, which Swift does not import.
static inline int asa_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Swift's Glibc module leaves <sys/xattr.h> out.
static inline int asa_set_access_list(const char *path, const void *list, size_t size) {
  return setxattr(path, "system.posix_acl_access", list, size, 0);
}
