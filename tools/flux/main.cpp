// flux: database migrations.
#include <fmt/core.h>

#include <clocale>
#include <csignal>
#include <cstring>

#include "command_line.hpp"
#include "commands.hpp"
#include "failure_text.hpp"
#include "json.hpp"
#include "text.hpp"

namespace {

using namespace flux;
using namespace flux::cli;

std::optional<StepKind> failed_step(const Failure& failure, const Result& result) {
  if (result.batch)
    for (const StoppedBatch::FailedStep& step : result.batch->failed)
      if (step.id == failure.migration_id) return step.kind;
  return std::nullopt;
}

void write_text(const Result& result, Console& console) {
  const Stream& err = console.terminal().err;
  if (!result.text.empty()) console.out(result.text);
  for (std::size_t i = result.warnings_seen; i < result.warnings.size(); ++i)
    console.log(LogLevel::warn, result.warnings[i]);
  bool first = true;
  for (const Failure& failure : result.failures) {
    console.err(failure_text(failure, failed_step(failure, result), err));
    if (first && result.batch) console.err(batch_text(*result.batch, failure, err));
    first = false;
  }
}

Result run_guarded(const Invocation& invocation, Session& session) {
  try {
    return std::visit([&session](const auto& options) { return run(options, session); }, invocation.options);
  } catch (const Error& error) {
    return failed(error);
  } catch (const std::exception& error) {
    return failed(Error(Failure{ErrorCode::internal, error.what()}));
  }
}

// Writes the result; the exit code.
int finish(const Invocation& invocation, const Result& result, Console& console) {
  if (invocation.global.json)
    console.out(json_document(invocation.command, result));
  else
    write_text(result, console);
  if (console.output_error() == 0) return result.exit_code;
  console.err(fmt::format("error: cannot write to stdout: {}\n", std::strerror(console.output_error())));
  return result.exit_code != 0 ? result.exit_code : exit_code(ErrorCode::internal);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);        // a closed stdout is an error of write(), not the end in the middle of a batch
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for wcwidth: the width of characters, whatever the user's locale

  Invocation invocation;
  Result result;
  bool parsed = false;
  try {
    parse_command_line(argc, argv, invocation);
    parsed = true;
  } catch (const Error& error) {
    result = failed(error);
  }
  Console console(detect_terminal(invocation.global.no_colour));
  if (parsed) {
    Session session(invocation.global, console);
    result = run_guarded(invocation, session);
  }
  return finish(invocation, result, console);
}
