// flux inspect
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/snapshot.hpp>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "commands.hpp"
#include "new_file.hpp"
#include "schema/schema_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>;  // text by path below the folder

bool holds(const fs::path& file, const std::string& text) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream there;
  there << in.rdbuf();
  return there.str() == text;
}

// What stands in the folder, would be loaded with what is written, and is not that: sorted.
std::vector<fs::path> others(const fs::path& folder, const Files& files, const std::string& extension) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != "." + extension || at->is_directory()) continue;
    const auto written = files.find(at->path().lexically_relative(folder).generic_string());
    if (written == files.end() || !holds(at->path(), written->second)) out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

[[noreturn]] void refuse_others(const std::vector<fs::path>& there) {
  Failure failure{ErrorCode::usage, ""};
  if (there.size() == 1) {
    failure.message = fmt::format("{} is there already, and is not what would be written", there.front().string());
  } else {
    failure.message = fmt::format("{} files are there already, and are not what would be written", there.size());
    for (const fs::path& file : there) failure.detail += (failure.detail.empty() ? "" : "\n") + file.string();
  }
  failure.hint = "nothing was written; give an empty folder, or --force to replace them";
  throw Error(failure);
}

// A file at the top was never written by this command: people put theirs there.
void refuse_strangers(const std::vector<fs::path>& there, const fs::path& folder) {
  for (const fs::path& file : there) {
    if (file.lexically_relative(folder).has_parent_path()) continue;
    Failure failure{ErrorCode::usage, fmt::format("{} is none of the files that inspect writes, and is not removed", file.string())};
    failure.hint = "nothing was written; move it away, or give another folder";
    throw Error(failure);
  }
}

[[noreturn]] void fail(const char* what, const fs::path& path, const std::error_code& error) {
  throw Error(Failure{ErrorCode::config, fmt::format("cannot {} {}: {}", what, path.string(), error.message())});
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("create", folder, error);
}

// Files of definitions that are not to be written again; what is gone of them for good.
std::vector<fs::path> remove(const std::vector<fs::path>& there, const fs::path& folder, const Files& files) {
  std::vector<fs::path> gone;
  for (const fs::path& file : there) {
    std::error_code error;
    fs::remove(file, error);
    if (error) fail("remove", file, error);
    if (files.count(file.lexically_relative(folder).generic_string()) == 0) gone.push_back(file);
  }
  return gone;
}

Json write_files(const fs::path& folder, const Files& files) {
  Json out = Json::array();
  make_folder(folder);
  for (const auto& [name, text] : files) {
    const fs::path path = folder / name;
    make_folder(path.parent_path());
    std::error_code error;
    if (!fs::exists(path, error)) write_new_file(path, text);
    out.push_back(path.string());
  }
  return out;
}

}  // namespace

Result run(const InspectOptions& options, Session& session) {
  SchemaProject project = session.open_schema(options.uri);
  const auto inspected = std::make_shared<const Schema>(project.visible(project.of_database(resolve_database_uri(project.config()))));
  const Schema& schema = *inspected;
  Result result;
  result.warnings = unmodelled_warnings(schema);
  if (options.out) {
    const fs::path folder = *options.out;
    const Files files = schema_files(schema, project.change(), project.backend().script_extension);
    const std::vector<fs::path> there = others(folder, files, project.backend().script_extension);
    if (!there.empty() && !options.force) refuse_others(there);
    refuse_strangers(there, folder);
    result.data["removed"] = Json::array();
    for (const fs::path& gone : remove(there, folder, files)) {
      result.text += fmt::format("removed {}\n", visible(gone.string()));
      result.data["removed"].push_back(gone.string());
    }
    result.data["files"] = write_files(folder, files);
    result.text += fmt::format("wrote {} to {}\n", count_of(files.size(), "file"), visible(*options.out));
    return result;
  }
  if (!session.options().json) {
    result.text = statements_text(plan_change(Schema(), schema, project.change()));
    return result;
  }
  require_utf8(schema);
  result.data = snapshot_head(project.backend().name);
  result.long_lists["facts"] = [inspected](const std::function<void(const Json&)>& take) {
    for (const Fact& fact : inspected->facts()) take(snapshot_fact(fact));
  };
  return result;
}

}  // namespace flux::cli
