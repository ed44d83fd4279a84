// flux: database migrations.
#include <fmt/core.h>
#include <malloc.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <flux/core/uri.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "failure_text.hpp"
#include "json.hpp"
#include "signals.hpp"
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

// Gathers small pieces for stdout.
class Output {
 public:
  explicit Output(Console& console) : console_(console) {}
  ~Output() {
    if (!pieces_.empty()) console_.out(pieces_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view piece) {
    constexpr std::size_t enough = std::size_t{1} << 16;
    pieces_ += piece;
    if (pieces_.size() < enough) return;
    console_.out(pieces_);
    pieces_.clear();
  }

 private:
  Console& console_;
  std::string pieces_;
};

void write_result(const Result& result, Console& console) {
  Output out(console);
  out.write(result.text);
  if (result.long_text) result.long_text([&out](std::string_view piece) { out.write(piece); });
}

void write_text(const Result& result, Console& console) {
  const Stream& err = console.terminal().err;
  write_result(result, console);
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
  if (invocation.global.json) {
    Output out(console);
    write_json(invocation.command, result, [&out](std::string_view piece) { out.write(piece); });
  } else {
    write_text(result, console);
  }
  if (console.output_error() == 0) return result.exit_code;
  console.err(fmt::format("error: cannot write to stdout: {}\n", std::strerror(console.output_error())));
  return result.exit_code != 0 ? result.exit_code : exit_code(ErrorCode::internal);
}

// Writes as much as there is room for at once.
void write_without_waiting(int descriptor, std::string_view text) {
  pollfd polled{descriptor, POLLOUT, 0};
  if (poll(&polled, 1, 0) == 1 && write(descriptor, text.data(), text.size()) < 0) return;
}

// Ends the process for a signal. The main thread may be anywhere, in the console too: nothing of it is waited for.
[[noreturn]] void leave(int signal, const Invocation& invocation, const Terminal& terminal, bool has_run) {
  Failure failure{ErrorCode::cancelled, fmt::format("stopped by {}{}", signal == SIGINT ? "SIGINT" : "SIGTERM",
                                                    has_run ? " without waiting" : "; nothing was done")};
  if (has_run) failure.hint = "the database takes back what was not committed; see `flux status`";
  Result result = failed(Error(failure));
  result.exit_code = 128 + signal;
  if (invocation.global.json) write_without_waiting(STDOUT_FILENO, json_document(invocation.command, result));
  else write_without_waiting(STDERR_FILENO, (terminal.err.moves ? "\r\x1b[K" : "") + failure_text(failure, std::nullopt, terminal.err));
  std::_Exit(result.exit_code);
}

// What was stopped by a signal ends with that signal's exit code.
void name_signal(Result& result, int signal) {
  const bool stopped = result.exit_code == exit_code(ErrorCode::cancelled) || result.exit_code == exit_code(ErrorCode::interrupted);
  if (signal != 0 && stopped) result.exit_code = 128 + signal;
}

// Everybody on the machine can read a process's arguments as long as it runs.
void hide_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::size_t length = std::strlen(argv[i]);
    const std::string shown = Uri(argv[i]).redacted();
    if (shown == argv[i]) continue;
    std::memset(argv[i], 0, length);
    std::memcpy(argv[i], shown.data(), std::min(length, shown.size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  // What is large goes back to the system as soon as it is free, instead of leaving holes.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
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
  hide_passwords(argc, argv);
  Console console(detect_terminal(invocation.global.no_colour));
  if (parsed) {
    SignalWatch signals([&](int signal) { leave(signal, invocation, console.terminal(), signals.has_run()); },
                        [&](int signal) {
                          console.log(LogLevel::warn, fmt::format("{}: stopping in good order; once more to stop at once",
                                                                  signal == SIGINT ? "SIGINT" : "SIGTERM"));
                        });
    Session session(invocation.global, console, signals);
    result = run_guarded(invocation, session);
    name_signal(result, signals.received());
    // While the result is written, a second signal still ends the process.
    return finish(invocation, result, console);
  }
  return finish(invocation, result, console);
}
