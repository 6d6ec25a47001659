import Foundation

/// What a printed document has and its description has not, or the other way round.
struct DocumentComparison {
  private let model: DocumentModel
  private(set) var differences: [String] = []

  /// Compares a JSON text with the description of the document.
  init(_ json: String, with declaration: DocumentModel.Declaration, model: DocumentModel) throws {
    self.model = model
    compare(try JSONSerialization.jsonObject(with: Data(json.utf8)), with: declaration, at: declaration.name)
  }

  private mutating func compare(_ value: Any, with declaration: DocumentModel.Declaration, at path: String) {
    guard let object = value as? [String: Any] else { return differences.append("\(path) is no object") }
    let fields = fields(of: declaration, in: object)
    differences += Set(object.keys).subtracting(fields.map(\.field.name)).sorted().map { "\(path).\($0) is not described" }
    for (field, scope) in fields {
      let place = "\(path).\(field.name)"
      guard let value = object[field.name] else {
        differences.append("\(place) is described but not there")
        continue
      }
      if value is NSNull {
        if !field.isOptional { differences.append("\(place) is null") }
      } else if field.type.hasPrefix("[") {
        guard let list = value as? [Any] else { return differences.append("\(place) is no list") }
        for (index, each) in list.enumerated() {
          compare(each, type: String(field.type.dropFirst().dropLast()), in: scope, at: "\(place)[\(index)]")
        }
      } else {
        compare(value, type: field.type, in: scope, at: place)
      }
    }
  }

  /// The fields that an object of a declaration has: for an event those of its kind too.
  private mutating func fields(
    of declaration: DocumentModel.Declaration, in object: [String: Any]
  ) -> [(field: DocumentModel.Field, scope: DocumentModel.Declaration)] {
    declaration.fields.flatMap { field -> [(field: DocumentModel.Field, scope: DocumentModel.Declaration)] in
      guard let events = model.resolve(field.type, in: declaration), events.isEvent else { return [(field, declaration)] }
      let type = DocumentModel.Field(name: "type", type: "String", isOptional: false, meaning: "")
      let payload = events.cases.first { $0.name == object["type"] as? String }?.payload
      guard let payload, let kind = model.resolve(payload, in: events) else {
        differences.append("\(declaration.name) of a kind that is not described")
        return [(type, declaration)]
      }
      return [(type, declaration)] + kind.fields.map { ($0, kind) }
    }
  }

  private mutating func compare(_ value: Any, type: String, in scope: DocumentModel.Declaration, at path: String) {
    if let part = model.resolve(type, in: scope), !part.fields.isEmpty { return compare(value, with: part, at: path) }
    let fits =
      switch type {
      case "Bool", "Int", "UInt32", "UInt64", "Int64", "Double": value is NSNumber
      case "Date": (value as? String).flatMap { try? Date($0, strategy: .iso8601) } != nil
      case "String", "UUID": value is String
      default: model.resolve(type, in: scope)?.cases.contains { $0.name == value as? String } == true
      }
    if !fits { differences.append("\(path) is no \(type)") }
  }
}
