// flux resolve
#include <fmt/core.h>

#include "commands.hpp"
#include "failure_text.hpp"
#include "json.hpp"
#include "progress.hpp"
#include "prompt.hpp"
#include "source_excerpt.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

std::string subject(const InterruptedScript& script) {
  return (script.row.state == RowState::undo_interrupted ? "the undo of " : "") + visible(script.id);
}

// Where it stands, for somebody who has to decide.
std::string state_text(const InterruptedScript& script, const Stream& stream) {
  std::string out = fmt::format("{} was interrupted on {}: {} of {} statements are done\n", subject(script), local_time(script.row.applied_at),
                                script.done, script.total);
  if (script.where && script.in_doubt) out += fmt::format("statement {} was started and may be done:\n", script.done + 1);
  else if (script.where) out += fmt::format("statement {} comes next:\n", script.done + 1);
  if (script.where) out += fmt::format("  {}:{}\n{}", visible(script.where->file), script.where->line, source_excerpt(*script.where, "", stream));
  for (const std::string& left : script.leftovers) out += fmt::format("  {}\n", visible(left));
  return out;
}

std::string what_to_do(const InterruptedScript& script, const ResolveRequest& request) {
  switch (request.how) {
    case Resolution::resume: {
      const std::size_t from = script.done + (request.doubtful_done == true ? 2 : 1);
      return from > script.total ? fmt::format("record {} as done, no statement being left", subject(script))
                                 : fmt::format("run {} from statement {} on", subject(script), from);
    }
    case Resolution::applied:
      return fmt::format("record {} as applied, running nothing", visible(script.id));
    case Resolution::not_applied:
      return fmt::format("record {} as not applied, running nothing", visible(script.id));
  }
  return "";
}

std::string done_text(const InterruptedScript& script, const ResolveRequest& request) {
  if (request.how == Resolution::resume) return fmt::format("{} is done\n", subject(script));
  return fmt::format("{} counts as {} now\n", visible(script.id), request.how == Resolution::applied ? "applied" : "not applied");
}

}  // namespace

Result run(const ResolveOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const InterruptedScript script = migrator.interrupted(options.request.id);
  require_answer(script, options.request);
  Console& console = session.console();
  if (!options.yes) {
    if (!console.terminal().interactive) throw nobody_to_ask(what_to_do(script, options.request), "add --yes");
    console.err(state_text(script, console.terminal().err));
    std::string question = what_to_do(script, options.request) + '?';
    question[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(question[0])));
    ask(console, question);
  }
  Report report;
  {
    Progress progress(console, session.options().json);
    const SignalWatch::Running running(session.signals(), [&migrator] { migrator.cancel(); });
    report = migrator.resolve(script, options.request, progress);
  }
  Result result;
  result.exit_code = report.exit_code();
  result.failures = report.failures;
  if (report.ok()) result.text = done_text(script, options.request);
  else result.batch = StoppedBatch{{{script.id, report.results.front().step.kind}}, script.row.state == RowState::undo_interrupted};
  result.data = Json{{"target", migrator.target()},
                     {"id", script.id},
                     {"resolution", options.request.how == Resolution::resume    ? "resume"
                                    : options.request.how == Resolution::applied ? "applied"
                                                                                 : "not_applied"},
                     {"statements_done_before", script.done},
                     {"statements_total", script.total},
                     {"in_doubt", script.in_doubt},
                     {"leftovers", script.leftovers}};
  return result;
}

}  // namespace flux::cli
