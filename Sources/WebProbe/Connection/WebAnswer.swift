import NIOHTTP1

/// The head of a server's answer; its content is never read.
struct WebAnswer: Sendable, Equatable {
  let status: Int
  let challenges: [AuthenticationChallenge]
  let location: String?

  init(_ head: HTTPResponseHead) {
    status = Int(head.status.code)
    challenges = head.headers["WWW-Authenticate"].flatMap(AuthenticationChallenge.all(in:))
    location = head.headers.first(name: "Location")
  }

  var isRedirect: Bool { (300..<400).contains(status) && location != nil }

  /// The challenges of the scheme Negotiate.
  var negotiate: [AuthenticationChallenge] { challenges.filter { $0.scheme.lowercased() == "negotiate" } }
}
