import Foundation

/// The machine's clock with CLOCK_BOOTTIME counted from the store's first start in this boot: where a store was copied or brought from another
/// machine, the time that this one was up before says nothing about the store's keys.
struct StoreBootClock: PolicyClock {
  let machine: any PolicyClock
  /// What CLOCK_BOOTTIME showed at that start.
  let firstStart: BootInstant

  func now() -> Date { machine.now() }

  func bootInstant() -> BootInstant {
    let reading = machine.bootInstant()
    return BootInstant(boot: reading.boot, seconds: reading.seconds - firstStart.seconds)
  }

  func monotonicSeconds() -> Double { machine.monotonicSeconds() }

  func sleep(until instant: Date) async throws { try await machine.sleep(until: instant) }
}
