/// The suites that try what the administrator had, row by row. They share a prefix, so that they can be run apart from the other suites: a domain
/// controller on two cores serves only so many at once.
enum Parity {}
