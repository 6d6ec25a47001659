/// The suites that run the built programs as an administrator would. They share a prefix, so that they can be run apart from the adapters'
/// tests: a domain controller on two cores serves only so many at once.
enum EndToEnd {}
