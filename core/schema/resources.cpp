#include <flux/core/schema/resources.hpp>

#include <fmt/core.h>

#include <set>

#include <flux/core/source_text.hpp>

#include "../process.hpp"
#include "../script_file.hpp"
#include "annotations.hpp"
#include "definition_order.hpp"

namespace flux {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(ErrorCode code, std::string message, std::string hint, std::string detail = "") {
  Failure f;
  f.code = code;
  f.message = std::move(message);
  f.hint = std::move(hint);
  f.detail = std::move(detail);
  throw Error(std::move(f));
}

std::vector<fs::path> files_below(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with(".");
    if (hidden && at->is_directory()) at.disable_recursion_pending();
    if (!hidden && at->path().extension() == "." + extension && !at->is_directory()) out.push_back(at->path());
  }
  if (error) refuse(ErrorCode::directory, fmt::format("{} cannot be read: {}", folder.string(), error.message()), "");
  std::sort(out.begin(), out.end());
  return out;
}

ScriptPtr read_file(const fs::path& file) {
  TextStore store;
  std::string why;
  const auto text = read_script_file(file.string(), store, why);
  if (!text) refuse(ErrorCode::directory, fmt::format("{} {}", file.string(), why), "");
  const ScriptPtr script = Script::make(file.string(), std::string(*text));
  if (text->starts_with("SQLite format 3"))
    refuse(ErrorCode::directory, fmt::format("{} is an SQLite database, and no file of definitions", file.string()),
           fmt::format("a database is named by its URI: sqlite:{}", file.string()));
  if (const auto bad = first_bad_byte(script->text())) {
    Failure f;
    f.code = ErrorCode::directory;
    f.message = "the file is not UTF-8";
    f.where = position_at(script->file(), script->text(), *bad);
    throw Error(std::move(f));
  }
  return script;
}

// Its statements, each with the comments above it.
void add_definitions(const ScriptPtr& file, Backend& backend, std::vector<Definition>& into, std::vector<Failure>& problems) {
  const std::vector<Failure> misunderstood = annotation_problems(*file);
  problems.insert(problems.end(), misunderstood.begin(), misunderstood.end());
  if (!misunderstood.empty()) return;
  try {
    const auto statements = backend.split(*file);
    if (!statements) refuse(ErrorCode::backend, "the backend cannot split a file of definitions into its statements", "");
    std::size_t begin = 0;
    for (const ScriptStatement& statement : *statements) {
      while (begin < statement.offset && std::string_view("; \t\r\n").find(file->text()[begin]) != std::string_view::npos) ++begin;
      const TextSpan span{begin, statement.offset + statement.length - begin};
      begin = statement.offset + statement.length;
      try {
        into.push_back({file, span, backend.read_definition(*file, span)});
      } catch (const Error& error) {
        problems.insert(problems.end(), error.failures().begin(), error.failures().end());
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::script) throw;
    problems.insert(problems.end(), error.failures().begin(), error.failures().end());
  }
}

std::vector<Definition> definitions_of(const std::vector<ScriptPtr>& files, Backend& backend) {
  std::vector<Definition> out;
  std::vector<Failure> problems;
  for (const ScriptPtr& file : files) add_definitions(file, backend, out, problems);
  for (Failure& twice : defined_twice(out)) problems.push_back(std::move(twice));
  if (!problems.empty()) throw Error(ErrorCode::directory, std::move(problems));
  return in_load_order(std::move(out));
}

}  // namespace

std::vector<Definition> read_definitions(const fs::path& path, Backend& backend) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status))
    refuse(ErrorCode::directory, fmt::format("{} is not there", path.string()), "`flux inspect --out FOLDER` writes the definitions of a database into a folder");
  const std::string& extension = backend.library().info().script_extension;
  std::vector<ScriptPtr> files;
  for (const fs::path& file : fs::is_directory(status) ? files_below(path, extension) : std::vector<fs::path>{path}) files.push_back(read_file(file));
  if (files.empty()) refuse(ErrorCode::directory, fmt::format("{} holds no *.{} file", path.string(), extension), "");
  return definitions_of(files, backend);
}

std::vector<Definition> read_definitions(const Config& config, Backend& backend) {
  if (config.schema.command.empty()) return read_definitions(config.schema.resources, backend);
  const std::string& program = config.schema.command.front();
  std::string why;
  const fs::path folder = config.file.parent_path();
  const auto run = run_process(config.schema.command, folder.empty() ? "." : folder, "", why);
  if (!run) refuse(ErrorCode::config, fmt::format("[schema] command: {} cannot be started: {}", program, why), "");
  if (run->exit_code != 0)
    refuse(ErrorCode::config, fmt::format("[schema] command: {} ended with exit code {}", program, run->exit_code), "", run->err);
  const ScriptPtr script = Script::make(fmt::format("{} (what it wrote)", program), normalise(run->out));
  if (first_bad_byte(script->text())) refuse(ErrorCode::config, fmt::format("[schema] command: {} wrote something that is not UTF-8", program), "");
  if (is_blank(script->text())) refuse(ErrorCode::config, fmt::format("[schema] command: {} wrote no definition to its stdout", program), "");
  return definitions_of({script}, backend);
}

void load_definitions(const std::vector<Definition>& definitions, Backend& shadow) {
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < definitions.size(); ++i) waiting.push_back(i);
  std::vector<Failure> failures;
  while (!waiting.empty()) {
    std::vector<std::size_t> failed;
    failures.clear();
    std::set<std::string> undefined;  // what the ones that failed would have defined: others fail for that reason alone
    for (const std::size_t i : waiting) {
      if (!failed.empty() && uses_all(definitions[i])) {
        failed.push_back(i);
        continue;
      }
      try {
        shadow.load(*definitions[i].file, definitions[i].statement);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::script) throw;
        failed.push_back(i);
        const auto uses_undefined = [&](const Mention& m) { return m.role == FLUX_MENTION_USES && undefined.count(last_part(m.name)) != 0; };
        const std::vector<Mention>& mentions = definitions[i].mentions;
        if (std::none_of(mentions.begin(), mentions.end(), uses_undefined)) {
          failures.push_back(error.failures().front());
          if (const auto other = needed_back(definitions, i, waiting)) failures.back().hint = *other;
        }
        for (const Mention& m : mentions)
          if (m.role == FLUX_MENTION_DEFINES) undefined.insert(last_part(m.name));
      }
    }
    if (failed.size() == waiting.size()) break;
    waiting = std::move(failed);
  }
  if (!waiting.empty()) throw Error(ErrorCode::script, std::move(failures));
  for (const auto& [name, message] : shadow.check_loaded()) failures.push_back(problem_of(definitions, name, message));
  if (!failures.empty()) throw Error(ErrorCode::script, std::move(failures));
}

}  // namespace flux
