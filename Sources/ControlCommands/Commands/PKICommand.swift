package import ArgumentParser

/// `asactl pki`.
package struct PKICommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "pki", abstract: "A small private certificate authority for the rotator and its nodes.",
    discussion: """
      An existing PKI works too: a node needs a certificate for TLS clients with its host name as the only DNS name, \
      the rotator one for TLS servers. Keep the authority's directory off the rotator.

      Examples:
        asactl pki init --directory /root/asa-ca
        asactl pki issue --directory /root/asa-ca --role rotator --name rotator.example.com
        asactl pki issue --directory /root/asa-ca --role node --name cas-1.example.com
        asactl pki show --ca /root/asa-ca/ca.pem /etc/asa-agent/certificate.pem
      """, subcommands: [PKIInitCommand.self, PKIIssueCommand.self, PKIShowCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}
