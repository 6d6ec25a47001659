import Testing

/// The examples of `config/examples`, one after the other: they have accounts for the same names.
@Suite("The examples with several accounts, arrays and realms", .needsTwoRealms, .serialized)
enum Sites {}
