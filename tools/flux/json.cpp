#include "json.hpp"

namespace flux::cli {
namespace {

Json number_or_null(int number) { return number > 0 ? Json(number) : Json(); }

// The value as it stands `depth` levels deep in a document. Line breaks are between values only, never inside one.
std::string indented(const Json& value, std::size_t depth) {
  constexpr std::size_t width = 2;
  const std::string text = value.dump(width, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_break = text.find('\n', at);
    const bool last = line_break == std::string::npos;
    out.append(text, at, last ? line_break : line_break + 1 - at);
    if (last) break;
    out.append(width * depth, ' ');
    at = line_break + 1;
  }
  return out;
}

void write_list(const Elements& elements, const Write& write) {
  bool any = false;
  elements([&](const Json& element) {
    write((any ? ",\n    " : "[\n    ") + indented(element, 2));
    any = true;
  });
  write(any ? "\n  ]" : "[]");
}

}  // namespace

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const Failure& failure) {
  const SourcePosition nowhere;
  const SourcePosition& where = failure.where ? *failure.where : nowhere;
  return Json{{"code", name(failure.code)},
              {"message", failure.message},
              {"migration_id", text_or_null(failure.migration_id)},
              {"file", text_or_null(where.file)},
              {"line", number_or_null(where.line)},
              {"column", number_or_null(where.column)},
              {"line_text", text_or_null(where.line_text)},
              {"detail", text_or_null(failure.detail)},
              {"hint", text_or_null(failure.hint)},
              {"sqlstate", text_or_null(failure.sqlstate)}};
}

Json to_json(const std::vector<Failure>& failures) {
  Json list = Json::array();
  for (const Failure& failure : failures) list.push_back(to_json(failure));
  return list;
}

Json to_json(const Finding& finding) {
  const bool has_time = finding.kind != FindingKind::out_of_order;
  return Json{{"kind", name(finding.kind)},
              {"id", finding.id},
              {"file", text_or_null(finding.file)},
              {"stored_hash", text_or_null(finding.stored_hash)},
              {"current_hash", text_or_null(finding.current_hash)},
              {"applied_at", has_time ? Json(iso8601(finding.applied_at)) : Json()},
              {"other_id", text_or_null(finding.other_id)},
              {"statements_done", finding.kind == FindingKind::interrupted ? Json(finding.statements_done) : Json()},
              {"statements_total", finding.kind == FindingKind::interrupted ? Json(finding.statements_total) : Json()}};
}

Json to_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back(to_json(finding));
  return list;
}

Json to_json(const Step& step, bool with_text) {
  Json json{{"kind", name(step.kind)},
            {"id", step.id},
            {"file", step.script && !step.undo_from_history ? Json(step.script->file()) : Json()},
            {"hash", step.script ? Json(step.script->hash()) : Json()},
            {"undo_from_history", step.undo_from_history}};
  if (with_text) json["text"] = step.script ? Json(step.script->text()) : Json();
  return json;
}

void add_history(Json& to, const HistoryEntry* row) {
  to["hash"] = row ? Json(row->hash()) : Json();
  to["applied_at"] = row ? Json(iso8601(row->applied_at)) : Json();
  to["applied_by"] = row && row->applied_by() ? Json(*row->applied_by()) : Json();
  to["duration_ms"] = row && row->duration() ? Json(row->duration()->count()) : Json();
  to["flux_version"] = row && row->flux_version() ? Json(*row->flux_version()) : Json();
  to["note"] = row && row->note() ? Json(*row->note()) : Json();
}

void write_json(const std::string& command, const Result& result, const Write& write) {
  Json document{{"command", text_or_null(command)},
                {"ok", result.exit_code == 0},
                {"exit_code", result.exit_code},
                {"failures", to_json(result.failures)},
                {"warnings", result.warnings}};
  document.update(result.data);
  const char* before = "{\n  ";
  for (const auto& [name, value] : document.items()) {
    write(before + Json(name).dump() + ": ");
    const auto list = result.long_lists.find(name);
    if (list != result.long_lists.end())
      write_list(list->second, write);
    else
      write(indented(value, 1));
    before = ",\n  ";
  }
  write("\n}\n");
}

std::string json_document(const std::string& command, const Result& result) {
  std::string out;
  write_json(command, result, [&out](std::string_view piece) { out += piece; });
  return out;
}

}  // namespace flux::cli
