import Testing

/// Everything that needs two domain controllers, one suite after the other: replication between them is paused and resumed.
@Suite("With two domain controllers that replicate", .needsTwoControllers, .serialized)
enum Replication {}
