import Foundation

extension SharedService {
  private static let modules = [
    "mpm_event": "mod_mpm_event", "authn_core": "mod_authn_core", "authz_core": "mod_authz_core",
    "authz_user": "mod_authz_user", "alias": "mod_alias", "auth_gssapi": "mod_auth_gssapi",
  ]

  /// Where the Apache of a node listens.
  func webAddress(of node: String) -> String { "\(network).\(71 + (nodes.firstIndex(of: node) ?? 0))" }

  func writeApacheConfiguration(of node: String) throws {
    let directory = "\(cluster.directory)/\(node)"
    let modules = Self.modules.sorted { $0.key > $1.key }.map { name, file in
      "LoadModule \(name)_module /usr/lib/apache2/modules/\(file).so"
    }
    try """
    ServerRoot \(directory)
    ServerName \(host)
    Listen \(webAddress(of: node)):\(Self.port)
    PidFile \(directory)/apache.pid
    ErrorLog \(directory)/apache.log
    User www-data
    Group www-data
    \(modules.joined(separator: "\n"))
    StartServers 1
    ServerLimit 1
    ThreadsPerChild 8
    MaxRequestWorkers 8
    DocumentRoot \(directory)/pages
    <Location />
      AuthType GSSAPI
      AuthName Kerberos
      GssapiCredStore keytab:\(cluster.keytab(of: node))
      Require valid-user
    </Location>
    Alias /ready \(readinessFile(of: node))
    <Location /ready>
      AuthType None
      Require all granted
    </Location>
    """.write(toFile: "\(directory)/apache.conf", atomically: false, encoding: .utf8)
  }

  func writeBalancerConfiguration() throws {
    let servers = nodes.map { "  server \($0) \(webAddress(of: $0)):\(Self.port)" }
    try """
    defaults
      mode http
      timeout connect 1s
      timeout client 10s
      timeout server 10s
      timeout check 1s
      # A node that goes away with a request gives no answer; another one then does.
      retries 3
      option redispatch 1
      retry-on conn-failure empty-response
    frontend shared
      bind \(address):\(Self.port)
      default_backend nodes
    backend nodes
      balance roundrobin
      option httpchk GET /ready
      http-response set-header x-node %s
      default-server check inter 200ms fall 1 rise 1
    \(servers.joined(separator: "\n"))

    """.write(toFile: "\(cluster.directory)/haproxy.cfg", atomically: false, encoding: .utf8)
  }
}
