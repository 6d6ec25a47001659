/// The generated part of docs/json.md.
struct DocumentPage {
  private let model: DocumentModel

  init(_ model: DocumentModel) { self.model = model }

  /// The text: every document, then every part that documents are made of.
  var text: String {
    let documents = model.documents
    let parts = parts(of: documents).sorted { title($0) < title($1) }
    let first = ["## Documents"] + documents.flatMap { section(heading(of: $0), $0) }
    let second = ["## Parts of documents"] + parts.flatMap { section("### \(title($0))", $0) }
    return (first + second).joined(separator: "\n\n") + "\n"
  }

  private func heading(of document: DocumentModel.Declaration) -> String {
    "### " + document.commands.map { "asactl \($0)" }.joined(separator: ", ")
  }

  private func section(_ heading: String, _ declaration: DocumentModel.Declaration) -> [String] {
    [heading, declaration.meaning, table(of: declaration)]
  }

  private func table(of declaration: DocumentModel.Declaration) -> String {
    let rows = declaration.fields.map { field in
      let events = model.resolve(field.type, in: declaration).flatMap { $0.isEvent ? $0 : nil }
      let type = type(of: field, in: declaration)
      return events.map(row(ofEvents:)) ?? "| `\(field.name)` | \(type) | \(field.meaning.inTable) |"
    }
    return (["| field | type | meaning |", "|---|---|---|"] + rows).joined(separator: "\n")
  }

  /// Events of different kinds, whose fields stand beside `type`.
  private func row(ofEvents events: DocumentModel.Declaration) -> String {
    let kinds = events.cases.map { kind in
      let fields = kind.payload.flatMap { model.resolve($0, in: events) }.map { ", with the fields of a \(link(to: $0))" } ?? ""
      return (kind.meaning.hasSuffix(".") ? String(kind.meaning.dropLast()) : kind.meaning) + fields
    }
    return "| `type` | text | \(kinds.joined(separator: "; ").inTable) |"
  }

  private func type(of field: DocumentModel.Field, in declaration: DocumentModel.Declaration) -> String {
    let isList = field.type.hasPrefix("[")
    let name = isList ? String(field.type.dropFirst().dropLast()) : field.type
    let one = self.name(of: name, in: declaration)
    return (isList ? "list of \(one)" : one) + (field.isOptional ? " or `null`" : "")
  }

  private func name(of type: String, in declaration: DocumentModel.Declaration) -> String {
    switch type {
    case "String", "UUID": return "text"
    case "Int", "UInt32", "UInt64", "Int64": return "whole number"
    case "Double": return "number"
    case "Bool": return "true or false"
    case "Date": return "time"
    default:
      guard let found = model.resolve(type, in: declaration) else { return type }
      return found.fields.isEmpty ? "text: \(found.cases.map { "`\($0.name)`" }.joined(separator: ", "))" : link(to: found)
    }
  }

  private func link(to part: DocumentModel.Declaration) -> String {
    "[\(title(part))](#\(title(part).replacing(" ", with: "-")))"
  }

  /// `adoption slot` for `AdoptionDocument.Slot`.
  private func title(_ part: DocumentModel.Declaration) -> String {
    part.name.split(separator: ".").flatMap { $0.replacing("Document", with: "").matches(of: /[A-Z][a-z]*/).map(\.output) }
      .joined(separator: " ").lowercased()
  }

  private func parts(of documents: [DocumentModel.Declaration]) -> [DocumentModel.Declaration] {
    var found: [String: DocumentModel.Declaration] = [:]
    var open = documents
    while let declaration = open.popLast() {
      for part in children(of: declaration) where part.commands.isEmpty && found[part.name] == nil {
        if !part.fields.isEmpty { found[part.name] = part }
        open.append(part)
      }
    }
    return Array(found.values)
  }

  private func children(of declaration: DocumentModel.Declaration) -> [DocumentModel.Declaration] {
    let types = declaration.fields.map { $0.type.filter { $0 != "[" && $0 != "]" } } + declaration.cases.compactMap(\.payload)
    return types.compactMap { model.resolve($0, in: declaration) }
  }
}

extension DocumentModel.Declaration {
  /// Whether it is one of several kinds of event.
  var isEvent: Bool { cases.contains { $0.payload != nil } }
}

extension String {
  fileprivate var inTable: String { replacing("|", with: "\\|") }
}
