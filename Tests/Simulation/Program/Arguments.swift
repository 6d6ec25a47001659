import Foundation
import Simulation

/// The command line.
struct Arguments {
  static let usage = """
    usage: asa-simulate [--seeds N] [--from SEED] [--threads N] [--stop]   play N seeds
           asa-simulate --seed SEED [--planted NAME] [--minimise]          play one and print what happens
           asa-simulate --planted NAME|all [--seeds N]                     see that a planted fault is caught
    """

  private(set) var seeds = 1000
  private(set) var from: UInt64 = 1
  private(set) var shown = Int.max
  private(set) var seed: UInt64?
  private(set) var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
  private(set) var planted: [PlantedFault] = []
  private(set) var isMinimised = false
  private(set) var stopsAtFailure = false
  private(set) var problem: String?

  init(_ words: ArraySlice<String>) {
    var words = words
    while let word = words.popFirst() {
      switch word {
      case "--minimise": isMinimised = true
      case "--stop": stopsAtFailure = true
      case "--seeds": seeds = number(&words, after: word) ?? seeds
      case "--show": shown = number(&words, after: word) ?? shown
      case "--from": from = number(&words, after: word) ?? from
      case "--seed": seed = number(&words, after: word)
      case "--threads": threads = max(1, number(&words, after: word) ?? threads)
      case "--planted": plant(words.popFirst() ?? "")
      default: problem = "unknown option \(word)"
      }
    }
  }

  private mutating func plant(_ name: String) {
    if name == "all" {
      planted = PlantedFault.allCases
    } else if let fault = PlantedFault(rawValue: name) {
      planted = [fault]
    } else {
      problem =
        "no planted fault is named '\(name)'; there are \(PlantedFault.allCases.map(\.rawValue).joined(separator: ", "))"
    }
  }

  private mutating func number<Number: FixedWidthInteger>(_ words: inout ArraySlice<String>, after option: String) -> Number? {
    let number = words.popFirst().flatMap { Number($0) }
    if number == nil { problem = "\(option) needs a number" }
    return number
  }
}
