// flux init
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>

#include "commands.hpp"
#include "config_template.hpp"
#include "new_file.hpp"
#include "prompt.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> usable_backends(const BackendSearch& search) {
  std::vector<std::string> names;
  for (const BackendFile& file : list_backends(search))
    if (file.problem.empty() && !file.shadowed) names.push_back(file.name);
  std::sort(names.begin(), names.end());
  return names;
}

// The backend to use where the command line names none: the only one, or the one that a person chooses.
std::string choose_backend(Session& session) {
  const std::vector<std::string> names = usable_backends(session.backend_search());
  if (names.empty()) {
    Failure failure{ErrorCode::backend, "no backend is installed"};
    failure.hint = "`flux backends` shows where they are looked for";
    throw Error(failure);
  }
  if (names.size() == 1) return names.front();
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  if (session.console().terminal().interactive) {
    session.console().err(fmt::format("Which backend ({})? ", list));
    const std::string answer = read_line().value_or("");
    if (std::find(names.begin(), names.end(), answer) != names.end()) return answer;
  }
  Failure failure{ErrorCode::usage, fmt::format("say which backend to use: {}", list)};
  failure.hint = fmt::format("run `flux init {}`", names.front());
  throw Error(failure);
}

}  // namespace

Result run(const InitOptions& options, Session& session) {
  const fs::path file = session.options().config.value_or("flux.toml");
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(file, ignored)))
    throw Error(Failure{ErrorCode::usage, fmt::format("{} exists already; nothing was written", file.string())});

  const std::string name = options.backend ? *options.backend : choose_backend(session);
  const auto library = BackendLibrary::load(find_backend(session.backend_search(), name), name);
  const fs::path directory = file.parent_path() / "migrations";
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    throw Error(Failure{ErrorCode::config, fmt::format("cannot create {}: {}", directory.string(), error.message())});
  write_new_file(file, config_template(library->info()));

  Result result;
  result.text = fmt::format("wrote {} and {}/\n", visible(file.string()), visible(directory.string()));
  result.text +=
      has_usable_example(library->info())
          ? "next: flux new \"create users\"\n"
          : fmt::format("next: set DATABASE_URL, or database_uri in {}, then run flux new \"create users\"\n", visible(file.string()));
  result.data = Json{{"backend", name}, {"file", file.string()}, {"directory", directory.string()}};
  return result;
}

}  // namespace flux::cli
