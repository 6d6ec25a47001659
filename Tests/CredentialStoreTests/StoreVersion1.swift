import Foundation
import GRDB

/// A store of the first version: its tables by that version's own SQL, and rows as it wrote them.
enum StoreVersion1 {
  /// The key that it is sealed under.
  static let key = Data((0..<32).map { UInt8($0) })
  static let rotator = "2a3b9d7d-e682-4fee-a463-5cf01de33edb"
  static let rotation = "6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40"
  /// The AES256 key of that rotation.
  static let aes256 = "fba3d5b0ce9085df2e7d62b95377874cc200c6b4e267e93d121fa6392acbb947"

  /// Makes it in the place of a store that was never opened.
  static func write(to place: StorePlace) throws {
    try key.write(to: URL(filePath: place.keyFile))
    try place.setMode(0o600, of: place.keyFile)
    try FileManager.default.createDirectory(
      atPath: place.directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    try place.tamper(tables + rows)
    try place.setMode(0o600, of: place.databasePath)
  }

  private static let tables = """
    CREATE TABLE store (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      rotator TEXT NOT NULL,
      sealed_check BLOB NOT NULL,
      sealed_fingerprint_secret BLOB NOT NULL
    ) STRICT;
    CREATE TABLE account (name TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL) STRICT;
    CREATE TABLE plan (
      rotation TEXT PRIMARY KEY NOT NULL,
      account TEXT NOT NULL,
      contents TEXT NOT NULL,
      sealed_data_key BLOB NOT NULL
    ) STRICT;
    CREATE TABLE secret (
      rotation TEXT NOT NULL REFERENCES plan ON DELETE CASCADE,
      purpose TEXT NOT NULL,
      sealed BLOB NOT NULL,
      PRIMARY KEY (rotation, purpose)
    ) STRICT;
    CREATE TABLE history (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, record TEXT NOT NULL) STRICT;
    CREATE INDEX history_of_account ON history (account, id);
    CREATE TABLE node (name TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL) STRICT;
    PRAGMA user_version = 1;

    """

  private static let rows = #"""
    INSERT INTO store (id, rotator, sealed_check, sealed_fingerprint_secret) VALUES (1, '2a3b9d7d-e682-4fee-a463-5cf01de33edb',
      X'63340A176F72C432373E0F653C0D7247D84C62AE182FCC84E7102F9D22AD4F9A8FCDB612B224CFA5B8633C30',
      X'F485077AEBC0F8928B9DF4B484D8A6C82B2AD32466BA24E1B49F0028624C1BEC82AF0E05A291387419821193AC443434A7F144CC5477CDE4A729468A');
    INSERT INTO account (name, record) VALUES ('lab\exch2016asa$', '{"account":"LAB\\EXCH2016ASA$","firstSeen":785000000,"holdings":[],"ledger":{"dropped":[],"epoch":{"era":0,"number":0},"servicePrincipalNames":[],"slots":[],"version":0},"nextDue":787592000,"objectGUID":"0B6C4C1A-3F4E-4A9B-8C57-2E7F10A4D9C3","policy":{"clockSkew":[16,4852094820647174144],"every":[140512,11096714923483332608],"previous":"ticket-lifetime","proofDeadline":[3,4659767778871345152],"require":{"all":{}},"slotLimit":8,"stagingDeadline":[3,4659767778871345152],"ticketLifetime":[1951,10402312192664797184]}}');
    INSERT INTO plan (rotation, account, contents, sealed_data_key) VALUES
      ('6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40', 'lab\exch2016asa$', 'password key:18 key:17 salt',
      X'884F839F8757300A3629CCFD79F0C2971D0C2C251B517A3F176E020A778EEB78C63DCE13298874EAEC37EED9746E65EE02CD42021F6ED1654ABCAD35');
    INSERT INTO secret (rotation, purpose, sealed) VALUES
      ('6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40', 'password', X'17EA5A207E50C4119B50D3EDD4853AB38410768545934F59EF9B0AAB8BAE3A7941C3611D87DEDF41FF573AB4970A6728DA8DE429EF656D6D17A868CEDEA9CFB698A2D3802F35C87470979A6BA7BF819BD7CC146A5BAA5E28F1FF1851F2D9554686214E719A6B97D240CB7ED8E96C9D8C2140F1C8230A67876019F825D3D2405D07B1F009D6F18254C20AD3CE5958B97093D4A4D2BAC5915E64CF7F'),
      ('6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40', 'key:18', X'809DC4887716C879AF7D6EA83B7963D9B3182F7EE5B1227F046736E03C347466C9E6C71391AD40B2385AF2035738172EEFAFC56FCAB965F013047DF5'),
      ('6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40', 'key:17', X'BB6E764E3C2BBBF42778B6C377B2E799A21568D59082FB97104F3659A5930A651088B21EE68BEDC611527891'),
      ('6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40', 'salt', X'00081B96D96A32CA80B5417067CFA58E1E9E45B6B107E9313FC2462AB66F8B5AD6723AB154C7301540819D74E351C374D560627F131FC1AE2779');
    INSERT INTO history (id, account, record) VALUES (1, 'lab\exch2016asa$', '{"account":"LAB\\EXCH2016ASA$","kind":"rotationSucceeded","message":"kept from before","nodes":[],"passwordChanged":true,"rotation":"6f9c2b1e-0d5f-4a57-9b61-3c8f2a7d1e40","time":785000100,"version":7}');
    INSERT INTO node (name, record) VALUES ('cas-1.lab.example', '{"installation":"i","lastSeen":785000050,"node":"cas-1.lab.example"}');
    """#
}
