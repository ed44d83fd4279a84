#include "failure_text.hpp"

#include <fmt/core.h>

#include "source_excerpt.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

// "  label: text", further lines of the text indented below the first.
std::string labelled(std::string_view label, std::string_view text) {
  std::string shown = visible_lines(text);
  shown.erase(shown.find_last_not_of(" \t\n") + 1);
  std::string out = fmt::format("  {}", label);
  for (const char c : shown) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out + '\n';
}

std::string position_text(const SourcePosition& where) {
  std::string out = visible(where.file);
  if (where.line > 0) out += fmt::format(":{}", where.line);
  if (where.line > 0 && where.column > 0) out += fmt::format(":{}", where.column);
  return out;
}

std::string headline(const Failure& failure, StepKind step) {
  const std::string id = visible(failure.migration_id);
  const std::string subject = step == StepKind::undo ? fmt::format("the undo of {}", id) : id;
  switch (failure.code) {
    case ErrorCode::outcome_unknown:
      return fmt::format("{}: the outcome is unknown", subject);
    case ErrorCode::interrupted:
      return fmt::format("{} was interrupted", subject);
    case ErrorCode::cancelled:
      return fmt::format("{} was cancelled and rolled back", subject);
    default:
      return fmt::format("{} failed and was rolled back", subject);
  }
}

}  // namespace

std::string failure_text(const Failure& failure, const std::optional<StepKind>& step, const Stream& stream) {
  std::string message = visible_lines(failure.message);
  if (!failure.sqlstate.empty()) message += fmt::format(" ({})", visible(failure.sqlstate));

  // The headline of a failed step names the step, so that the message goes to the place in the source.
  const std::size_t first_line = message.find('\n');
  const std::string title = step ? headline(failure, *step) : message.substr(0, first_line);
  std::string below = message;
  if (!step) below = first_line == std::string::npos ? "" : message.substr(first_line + 1);

  std::string out = fmt::format("{} {}\n", stream.red("error:"), stream.bold(title));
  if (failure.where) out += fmt::format("  {}\n", position_text(*failure.where));
  if (failure.where && failure.where->line > 0 && !failure.where->line_text.empty()) {
    const bool beside_caret = below.find('\n') == std::string::npos;
    out += source_excerpt(*failure.where, beside_caret ? below : "", stream);
    if (beside_caret) below.clear();
  }
  if (!below.empty()) out += labelled("", below);
  if (!failure.detail.empty()) out += labelled("detail: ", failure.detail);
  if (!failure.hint.empty()) out += labelled("hint: ", failure.hint);
  return out;
}

std::string batch_text(const StoppedBatch& batch, const Failure& failure, const Stream& stream) {
  const char* done = batch.rollback ? "rolled back" : "applied";
  const char* command = batch.rollback ? "rollback" : "apply";
  std::string out =
      batch.rolled_back > 0
          ? fmt::format("  rolled back with it: {} · not run: {} · the database is as it was\n", batch.rolled_back, batch.not_run)
          : fmt::format("  {} before it: {} · not run: {}\n", done, batch.done, batch.not_run);
  std::string next;
  // Only an error with a line is one of the script; others come from the history, the commit or the server.
  const bool in_script = failure.where && failure.where->line > 0 && !batch.failed.empty();
  if (failure.code == ErrorCode::cancelled)
    next = fmt::format("run `flux {}` again to go on", command);
  else if (failure.code == ErrorCode::connection)
    next = fmt::format("run `flux {}` again when the database can be reached", command);
  else if (failure.retryable)
    next = fmt::format("run `flux {}` again when nobody is in the way", command);
  else if (failure.code == ErrorCode::script && in_script)
    next = fmt::format("correct the {}, then run `flux {}` again",
                       batch.failed.front().kind == StepKind::undo ? "undo script" : "file", command);
  else if (failure.code == ErrorCode::script)
    next = fmt::format("mend what the message names, then run `flux {}` again", command);
  if (!next.empty()) out += fmt::format("  {} {}\n", stream.bold("next:"), next);
  return out;
}

}  // namespace flux::cli
