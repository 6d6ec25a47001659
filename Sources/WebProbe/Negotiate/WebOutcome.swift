/// How a server took one request, from the connection to the proof.
package enum WebOutcome: Sendable, Equatable {
  /// It accepted the ticket and proved that it has the key. Whoever asks may still not see the page (403), or be sent elsewhere.
  case proven(status: Int)
  /// There was no answer.
  case failed(WebFailure)

  /// Without a ticket it gives the page, or at least does not ask for authentication.
  case open(status: Int)
  /// Without a ticket it sends clients elsewhere.
  case redirected(status: Int, location: String)
  /// It asks for authentication and does not offer Negotiate, but these schemes.
  case notOffered([String])

  /// It does not take the ticket (401); what it says in its token, if anything.
  case refused(reason: String?)
  /// It gives another answer to the ticket than 401, and no proof that it has the key; why its token is none, if there was one.
  case unproven(status: Int, reason: String?)
}
