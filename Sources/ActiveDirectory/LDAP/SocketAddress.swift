import Glibc
import RotationCore

/// One address of a host, copied out of the resolver's list.
struct SocketAddress {
  let family: Int32
  private let bytes: [UInt8]

  /// Resolves a host name or a numeric address; the order is the resolver's.
  static func all(of host: String, port: UInt16) throws(OperatorFault) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else {
      throw OperatorFault(
        .unavailable, "domain controller \(host)", "has no address: \(String(cString: gai_strerror(status)))",
        remedy: "check the name and the resolver")
    }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { $0.map(SocketAddress.init) }
  }

  private init(copying entry: UnsafeMutablePointer<addrinfo>) {
    family = entry.pointee.ai_family
    bytes = Array(UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen)))
  }

  /// Starts a connection; the result is connect(2)'s.
  func connect(_ descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { raw in
      guard let address = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
      return Glibc.connect(descriptor, address, socklen_t(raw.count))
    }
  }
}
