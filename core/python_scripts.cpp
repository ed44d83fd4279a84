#include "python_scripts.hpp"

#include <fmt/core.h>

#include <charconv>

#include "process.hpp"

namespace flux {
namespace {

// Reads pairs of file and "1" for a repeatable, NUL-terminated, from stdin. Writes frames "TAG LENGTH\n" + bytes to what was
// stdout: U the up script, D the undo script, E an error as "LINE\nmessage\ntraceback"; then "." to end a file.
// What the migrations print goes to stderr. Modules stay in sys.modules while they run, as in flux-migrations.
constexpr const char* driver = R"python(
import importlib.util, os, sys, traceback
out = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
sys.dont_write_bytecode = True
sys.path[0:0] = [os.getcwd()]

def frame(tag, text):
    data = text.encode("utf-8", "surrogatepass")
    out.write(b"%s %d\n" % (tag, len(data)) + data)

class Wrong(Exception):
    pass

def evaluate(number, path, repeatable):
    name = "flux_migration_%d" % number
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if not callable(getattr(module, "apply", None)):
        raise Wrong("it has no function apply()")
    up = module.apply()
    if not isinstance(up, str):
        raise Wrong("apply() must return a string, not %s" % type(up).__name__)
    undo = None
    if hasattr(module, "undo"):
        if repeatable:
            raise Wrong("a repeatable script cannot have undo()")
        undo = module.undo()
        if undo is not None and not isinstance(undo, str):
            raise Wrong("undo() must return a string or None, not %s" % type(undo).__name__)
    frame(b"U", up)
    if undo is not None:
        frame(b"D", undo)

fields = sys.stdin.buffer.read().split(b"\0")[:-1]
for number in range(0, len(fields), 2):
    path = os.fsdecode(fields[number])
    try:
        evaluate(number, path, fields[number + 1] == b"1")
    except Wrong as wrong:
        frame(b"E", "0\n%s\n" % wrong)
    except BaseException as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
        line = lines[-1] if lines else getattr(error, "lineno", None) if getattr(error, "filename", None) == path else None
        what = traceback.format_exception_only(type(error), error)[-1].strip().replace("\n", " ")
        frame(b"E", "%d\n%s\n%s" % (line or 0, what, traceback.format_exc()))
    out.write(b". 0\n")
    out.flush()
)python";

Failure problem_of(const PythonFile& file, std::string message, int line = 0, std::string detail = "") {
  Failure f;
  f.code = ErrorCode::directory;
  f.message = std::move(message);
  f.where = SourcePosition{file.name, line, 0, ""};
  f.detail = std::move(detail);
  return f;
}

Failure error_of(const PythonFile& file, std::string_view frame) {
  const std::size_t first = frame.find('\n'), second = frame.find('\n', first + 1);
  int line = 0;
  std::from_chars(frame.data(), frame.data() + first, line);
  return problem_of(file, std::string(frame.substr(first + 1, second - first - 1)), line, std::string(frame.substr(second + 1)));
}

// The frames of one file, taken off the front of `output`; false where they are incomplete.
bool read_frames(const PythonFile& file, std::string_view& output, PythonScripts& result) {
  while (true) {
    const std::size_t newline = output.find('\n');
    if (newline == std::string_view::npos || newline < 3) return false;
    std::size_t length = 0;
    std::from_chars(output.data() + 2, output.data() + newline, length);
    if (output.size() - newline - 1 < length) return false;
    const char tag = output[0];
    const std::string_view body = output.substr(newline + 1, length);
    output.remove_prefix(newline + 1 + length);
    if (tag == 'U') result.up = body;
    if (tag == 'D') result.undo = body;
    if (tag == 'E') result.problem = error_of(file, body);
    if (tag == '.') return true;
  }
}

}  // namespace

std::vector<PythonScripts> evaluate_python(const std::vector<PythonFile>& files, const std::filesystem::path& project_folder) {
  std::vector<PythonScripts> results(files.size());
  if (files.empty()) return results;
  std::string input;
  for (const PythonFile& file : files)
    input.append(std::filesystem::absolute(file.path).string()).append(1, '\0').append(file.repeatable ? "1" : "0").append(1, '\0');

  std::string why;
  const auto run = run_process({"python3", "-c", driver}, project_folder, input, why);
  std::string_view output = run ? std::string_view(run->out) : std::string_view();
  bool ended = false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!run) {
      results[i].problem = problem_of(files[i], fmt::format("a Python migration needs python3, which cannot be started: {}", why));
      results[i].problem->hint = "install python3";
    } else if (ended) {
      results[i].problem = problem_of(files[i], "it was not read, because python3 ended before");
    } else if (!read_frames(files[i], output, results[i])) {
      results[i].problem = problem_of(files[i], fmt::format("python3 ended with exit code {} while it read this file", run->exit_code),
                                      0, run->err);
      ended = true;
    }
  }
  return results;
}

}  // namespace flux
