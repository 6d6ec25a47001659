import CSystemd
import Glibc
import PosixStatus

/// One private connection to the system bus, for calls to systemd that block the calling thread, each for a bounded time.
struct SystemBus: ~Copyable {
  private static let destination = "org.freedesktop.systemd1"
  private static let manager = (path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager")

  private let bus: OpaquePointer
  private let callTimeout: Double

  private init(_ bus: OpaquePointer, callTimeout: Double) {
    self.bus = bus
    self.callTimeout = callTimeout
  }

  // Without a flush: nothing is left to be sent, and a flush waits for a connection that is still being made.
  deinit { sd_bus_close_unref(bus) }

  /// Connects.
  ///
  /// - Parameter callTimeout: Seconds that connecting, and each call, may take.
  static func open(callTimeout: Double) throws(BusRefusal) -> SystemBus {
    var opened: OpaquePointer?
    let code = sd_bus_open_system(&opened)
    guard code >= 0, let opened else { throw BusRefusal(code: code) }
    let bus = SystemBus(opened, callTimeout: callTimeout)
    sd_bus_set_method_call_timeout(opened, microseconds(callTimeout))
    try bus.waitUntilReady()
    return bus
  }

  /// Asks for the end of jobs to be told; before the job is made, so that none is missed.
  func subscribeToJobs() throws(BusRefusal) {
    let rule = "type='signal',sender='\(Self.destination)',interface='\(Self.manager.interface)',member='JobRemoved'"
    _ = try call(
      "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", strings: [rule])
    _ = try call(Self.destination, Self.manager.path, Self.manager.interface, "Subscribe", strings: [])
  }

  /// Lets systemd keep the unit's state for as long as this connection stands, where polkit permits that: of a unit that it has
  /// forgotten, it tells neither a failure (`CollectMode=inactive-or-failed`) nor a condition that did not hold.
  func keepLoaded(_ unit: String) {
    do throws(BusRefusal) {
      _ = try call(Self.destination, Self.manager.path, Self.manager.interface, "RefUnit", strings: [unit])
    } catch {
      // The job's own result is told in any case.
    }
  }

  /// Queues a start job, or joins the one that runs.
  ///
  /// - Returns: The job's object path.
  func start(_ unit: String) throws(BusRefusal) -> String { try queue("StartUnit", of: unit) }

  /// Queues a job by one of the manager's methods.
  ///
  /// - Returns: The job's object path.
  func queue(_ method: String, of unit: String) throws(BusRefusal) -> String {
    let reply = try call(
      Self.destination, Self.manager.path, Self.manager.interface, method, strings: [unit, "replace"])
    return try reply.readPath()
  }

  /// Waits for the end of a job.
  ///
  /// - Parameters:
  ///   - deadline: Seconds of CLOCK_MONOTONIC.
  ///   - isCancelled: Asked several times a second.
  /// - Returns: The job's result; `nil` if it has not ended by then.
  func result(ofJob job: String, until deadline: Double, isCancelled: () -> Bool) throws(BusRefusal) -> String? {
    while true {
      let remaining = deadline - MonotonicClock.seconds
      if remaining <= 0 || isCancelled() { return nil }
      guard let message = try nextMessage(within: min(remaining, 0.25)) else { continue }
      guard message.isSignal(Self.manager.interface, "JobRemoved") else { continue }
      if let removed = try message.readRemovedJob(), removed.path == job { return removed.result }
    }
  }

  /// A string property of a unit.
  func string(_ property: String, of unit: UnitInterface) throws(BusRefusal) -> String {
    var value: UnsafeMutablePointer<CChar>?
    var error = sd_bus_error()
    defer { sd_bus_error_free(&error) }
    let code = sd_bus_get_property_string(bus, Self.destination, unit.path, unit.interface, property, &error, &value)
    guard code >= 0, let value else { throw BusRefusal(code: code, error: &error) }
    defer { free(value) }
    return String(cString: value)
  }

  /// An integer or Boolean property of a unit.
  ///
  /// - Parameter type: Its D-Bus type, which must be as wide as `Value`.
  func number<Value: FixedWidthInteger>(
    _ property: String, type: Unicode.Scalar, of unit: UnitInterface, as: Value.Type
  ) throws(BusRefusal) -> Value {
    var value: Value = 0
    var error = sd_bus_error()
    defer { sd_bus_error_free(&error) }
    let code = sd_bus_get_property_trivial(
      bus, Self.destination, unit.path, unit.interface, property, &error, CChar(type.value), &value)
    guard code >= 0 else { throw BusRefusal(code: code, error: &error) }
    return value
  }

  private func call(
    _ destination: String, _ path: String, _ interface: String, _ member: String, strings: [String]
  ) throws(BusRefusal) -> BusMessage {
    var made: OpaquePointer?
    try BusRefusal.check(sd_bus_message_new_method_call(bus, &made, destination, path, interface, member))
    let request = try BusMessage(made)
    for string in strings { try request.append(string) }
    var reply: OpaquePointer?
    var error = sd_bus_error()
    defer { sd_bus_error_free(&error) }
    let code = sd_bus_call(bus, request.pointer, Self.microseconds(callTimeout), &error, &reply)
    guard code >= 0 else { throw BusRefusal(code: code, error: &error) }
    return try BusMessage(reply)
  }

  /// sd_bus_call(3) would itself wait until the connection is made, but as long as the other side likes.
  private func waitUntilReady() throws(BusRefusal) {
    let deadline = MonotonicClock.seconds + callTimeout
    while try BusRefusal.check(sd_bus_is_ready(bus)) == 0 {
      let remaining = deadline - MonotonicClock.seconds
      guard remaining > 0 else { throw BusRefusal(code: -ETIMEDOUT) }
      _ = try nextMessage(within: remaining)
    }
  }

  /// Does one piece of the connection's work; if there is none, waits for some.
  private func nextMessage(within seconds: Double) throws(BusRefusal) -> BusMessage? {
    var message: OpaquePointer?
    let progress = try BusRefusal.check(sd_bus_process(bus, &message))
    if let message { return try BusMessage(message) }
    guard progress == 0 else { return nil }
    let code = sd_bus_wait(bus, Self.microseconds(seconds))
    if code != -EINTR { try BusRefusal.check(code) }
    return nil
  }

  private static func microseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, seconds) * 1e6) }
}

/// One of the interfaces of a unit's object.
struct UnitInterface {
  let path: String
  let interface: String

  private init(path: String, interface: String) {
    self.path = path
    self.interface = interface
  }

  /// What every unit has.
  static func unit(_ name: String) throws(BusRefusal) -> UnitInterface {
    UnitInterface(path: try path(of: name), interface: "org.freedesktop.systemd1.Unit")
  }

  /// What services have besides.
  static func service(_ name: String) throws(BusRefusal) -> UnitInterface {
    UnitInterface(path: try path(of: name), interface: "org.freedesktop.systemd1.Service")
  }

  private static func path(of name: String) throws(BusRefusal) -> String {
    var path: UnsafeMutablePointer<CChar>?
    try BusRefusal.check(sd_bus_path_encode("/org/freedesktop/systemd1/unit", name, &path))
    guard let path else { throw BusRefusal(code: -ENOMEM) }
    defer { free(path) }
    return String(cString: path)
  }
}

/// A message that is released when it goes out of use.
struct BusMessage: ~Copyable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer?) throws(BusRefusal) {
    guard let pointer else { throw BusRefusal(code: -ENOMEM) }
    self.pointer = pointer
  }

  deinit { sd_bus_message_unref(pointer) }

  func append(_ string: String) throws(BusRefusal) {
    try BusRefusal.check(string.withCString { sd_bus_message_append_basic(pointer, Self.stringType, $0) })
  }

  func isSignal(_ interface: String, _ member: String) -> Bool { sd_bus_message_is_signal(pointer, interface, member) > 0 }

  func readPath() throws(BusRefusal) -> String { try read(Self.pathType) }

  /// The contents of a JobRemoved signal: id, job, unit, result.
  func readRemovedJob() throws(BusRefusal) -> (path: String, result: String)? {
    guard sd_bus_message_has_signature(pointer, "uoss") > 0 else { return nil }
    try BusRefusal.check(sd_bus_message_skip(pointer, "u"))
    let path = try readPath()
    try BusRefusal.check(sd_bus_message_skip(pointer, "s"))
    return (path, try read(Self.stringType))
  }

  private static let stringType = CChar(UInt8(ascii: "s"))
  private static let pathType = CChar(UInt8(ascii: "o"))

  private func read(_ type: CChar) throws(BusRefusal) -> String {
    var text: UnsafePointer<CChar>?
    let code = sd_bus_message_read_basic(pointer, type, &text)
    guard code > 0, let text else { throw BusRefusal(code: code < 0 ? code : -EBADMSG) }
    return String(cString: text)
  }
}

extension BusRefusal {
  /// What libsystemd itself says: a negative `errno`.
  init(code: Int32) { self.init(name: nil, text: String(cString: strerror(-code))) }

  /// What the other side says, if it is that.
  init(code: Int32, error: inout sd_bus_error) {
    guard sd_bus_error_is_set(&error) > 0, let name = error.name else {
      self.init(code: code)
      return
    }
    self.init(name: String(cString: name), text: error.message.map { String(cString: $0) } ?? "")
  }

  /// Takes the answer of a function of libsystemd.
  @discardableResult static func check(_ code: Int32) throws(BusRefusal) -> Int32 {
    guard code >= 0 else { throw BusRefusal(code: code) }
    return code
  }
}
