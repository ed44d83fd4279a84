// flux backends
#include <fmt/core.h>
#include <fmt/format.h>

#include "commands.hpp"
#include "json.hpp"
#include "table.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

std::string state_of(const BackendFile& file) {
  if (!file.problem.empty()) return file.problem;
  return file.shadowed ? "hidden by an earlier folder" : "ready";
}

Result list_all(Session& session) {
  const BackendSearch search = session.backend_search();
  const std::vector<BackendFile> files = list_backends(search);
  const std::vector<BackendFolder> folders = backend_folders(search);
  const Stream& out = session.out();

  Table backends;
  backends.column("BACKEND").column("STATE", true).column("FILE", true);
  Json backends_json = Json::array();
  for (const BackendFile& file : files) {
    const bool good = file.problem.empty() && !file.shadowed;
    backends.row({{file.name},
                  {state_of(file), [&out, good](const std::string& t) { return good ? out.green(t) : out.yellow(t); }},
                  {file.path.string()}});
    backends_json.push_back({{"name", file.name},
                             {"file", file.path.string()},
                             {"usable", good},
                             {"problem", text_or_null(file.problem)},
                             {"shadowed", file.shadowed}});
  }
  Table looked;
  looked.column("LOOKED IN").column("STATE", true).column("FOLDER", true);
  Json folders_json = Json::array();
  for (const BackendFolder& folder : folders) {
    looked.row({{folder.origin}, {folder.state.empty() ? "read" : folder.state}, {folder.path.string()}});
    folders_json.push_back({{"origin", folder.origin},
                            {"path", text_or_null(folder.path.string())},
                            {"state", text_or_null(folder.state)}});
  }

  Result result;
  result.text = (backends.empty() ? "  no backend is installed\n" : backends.text(out)) + '\n' + looked.text(out);
  result.data = Json{{"backends", std::move(backends_json)}, {"folders", std::move(folders_json)}};
  return result;
}

Json key_json(const BackendKey& key) {
  return Json{{"name", key.name},
              {"type", key.type},
              {"default", key.default_value ? Json(*key.default_value) : Json()},
              {"required", key.required},
              {"description", key.description}};
}

std::string keys_text(const BackendInfo& info, const Stream& out) {
  if (info.keys.empty()) return "\nIt has no keys for the [backend] table.\n";
  std::string text = "\nKeys of the [backend] table:\n\n";
  for (const BackendKey& key : info.keys) {
    const std::string value = key.required ? "required" : "default " + visible(key.default_value.value_or("none"));
    text += fmt::format("  {}  {}\n      {}\n", out.bold(visible(key.name)),
                        out.dim(fmt::format("{}, {}", key.type, value)), visible(key.description));
  }
  return text;
}

Result show_one(const std::string& name, Session& session) {
  const auto library = BackendLibrary::load(find_backend(session.backend_search(), name), name);
  const BackendInfo& info = library->info();
  const std::string abi = fmt::format("{}.{}", info.abi_major, info.abi_minor);

  Result result;
  result.text = fmt::format("{} {}\n\n", session.out().bold(visible(info.name)), visible(info.version));
  const auto line = [&](std::string_view label, std::string_view value) {
    result.text += fmt::format("  {:<14}{}\n", label, visible(value));
  };
  line("file", info.file.string());
  line("backend ABI", abi);
  line("URI schemes", fmt::format("{}", fmt::join(info.uri_schemes, ", ")));
  line("example", info.uri_example);
  line("scripts", "*." + info.script_extension);
  line("capabilities", fmt::format("{}", fmt::join(info.capabilities, ", ")));
  result.text += keys_text(info, session.out());

  Json keys = Json::array();
  for (const BackendKey& key : info.keys) keys.push_back(key_json(key));
  result.data = Json{{"backend",
                      {{"name", info.name},
                       {"version", info.version},
                       {"file", info.file.string()},
                       {"abi", abi},
                       {"uri_schemes", info.uri_schemes},
                       {"uri_example", info.uri_example},
                       {"script_extension", info.script_extension},
                       {"capabilities", info.capabilities},
                       {"keys", std::move(keys)}}}};
  return result;
}

}  // namespace

Result run(const BackendsOptions& options, Session& session) {
  return options.name ? show_one(*options.name, session) : list_all(session);
}

}  // namespace flux::cli
