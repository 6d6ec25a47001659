/// The suites about accounts, keytabs and clocks that are not as they should be. They run apart from the other end-to-end suites: a domain controller
/// on two cores serves only so many at once.
enum HardCases {}
