// flux inspect
#include <fmt/core.h>

#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/snapshot.hpp>
#include <fstream>
#include <sstream>

#include "commands.hpp"
#include "new_file.hpp"
#include "schema/schema_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

namespace fs = std::filesystem;

// What stands in the folder and would be loaded besides what is written: nothing may.
void require_room(const fs::path& folder, const std::map<std::string, std::string>& files, const std::string& extension) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != "." + extension || at->is_directory()) continue;
    const std::string path = at->path().lexically_relative(folder).generic_string();
    std::ifstream in(at->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const auto written = files.find(path);
    if (written != files.end() && written->second == text.str()) continue;
    Failure failure{ErrorCode::usage, fmt::format("{} is there already, and is not what would be written", at->path().string())};
    failure.hint = "nothing was written; give an empty folder, or remove the old definitions";
    throw Error(failure);
  }
}

Json write_files(const fs::path& folder, const std::map<std::string, std::string>& files) {
  Json out = Json::array();
  for (const auto& [name, text] : files) {
    const fs::path path = folder / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) throw Error(Failure{ErrorCode::config, fmt::format("cannot create {}: {}", path.parent_path().string(), error.message())});
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
    const auto files = schema_files(schema, project.change(), project.backend().script_extension);
    require_room(*options.out, files, project.backend().script_extension);
    result.data["files"] = write_files(*options.out, files);
    result.text = fmt::format("wrote {} to {}\n", count_of(files.size(), "file"), visible(*options.out));
    return result;
  }
  if (!session.options().json) {
    result.text = statements_text(plan_change(Schema(), schema, project.change()));
    return result;
  }
  result.data = snapshot_head(project.backend().name);
  result.long_lists["facts"] = [inspected](const std::function<void(const Json&)>& take) {
    for (const Fact& fact : inspected->facts()) take(snapshot_fact(fact));
  };
  return result;
}

}  // namespace flux::cli
