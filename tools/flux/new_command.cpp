// flux new
#include <fmt/core.h>

#include "commands.hpp"
#include "migration_id.hpp"
#include "new_file.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

namespace fs = std::filesystem;

std::string_view comment_mark(const std::string& extension) {
  if (extension == "sql") return "--";
  return extension == "js" || extension == "cypher" ? "//" : "#";
}

std::string draft_text(std::string_view mark, std::string_view what) {
  return fmt::format(
      "{0} flux: draft\n"
      "{0} {1}\n"
      "{0} Remove the first line when the script is written: flux does not run a draft.\n\n",
      mark, what);
}

std::string python_text(std::string_view mark, const std::string& name, bool with_undo) {
  constexpr std::string_view function = "def {0}():\n    return \"\"\"{1}\"\"\"\n";
  std::string out = fmt::format(function, "apply", draft_text(mark, name));
  if (with_undo) out += "\n\n" + fmt::format(function, "undo", draft_text(mark, "undoes: " + name));
  return out;
}

// The name as it can stand in a comment, and in a Python string.
std::string comment_of(const std::string& name) {
  std::string out;
  for (const char c : visible(name))
    if (c != '"' && c != '\\') out += c;
  return out;
}

}  // namespace

Result run(const NewOptions& options, Session& session) {
  const Config config = load_config(session.config_request());
  const auto library = BackendLibrary::load(find_backend(session.backend_search(), config.backend), config.backend);
  const std::string& extension = library->info().script_extension;

  const char* sub_folder = options.pre ? "pre-apply" : options.post ? "post-apply" : "";
  const fs::path folder = *sub_folder ? config.migration_directory / sub_folder : config.migration_directory;
  const NewId id = next_migration_id(folder, extension, options.name);

  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(Failure{ErrorCode::config, fmt::format("cannot create {}: {}", folder.string(), error.message())});
  const bool with_undo = !options.no_undo && !options.pre && !options.post;
  const std::string_view mark = comment_mark(extension);
  const std::string comment = comment_of(options.name);
  Result result;
  Json files = Json::array();
  const auto write = [&](const std::string& file_name, const std::string& text) {
    const fs::path path = folder / file_name;
    write_new_file(path, text);
    result.text += visible(path.string()) + '\n';
    files.push_back(path.string());
  };
  if (options.python) {
    write(id.id + ".py", python_text(mark, comment, with_undo));
  } else {
    write(id.id + "." + extension, draft_text(mark, comment));
    if (with_undo) write(id.id + ".undo." + extension, draft_text(mark, "undoes: " + comment));
  }
  if (!id.newer.empty() && !*sub_folder)
    result.warnings.push_back(
        fmt::format("{} sorts before {}, and is out of order once that one is applied", id.id, id.newer));
  result.data =
      Json{{"id", *sub_folder ? fmt::format("{}/{}", sub_folder, id.id) : id.id}, {"files", std::move(files)}};
  return result;
}

}  // namespace flux::cli
