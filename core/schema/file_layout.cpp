#include <flux/core/schema/file_layout.hpp>

#include <fmt/core.h>

#include <set>

#include "../ascii_lower.hpp"

namespace flux {
namespace {

// As a file's name: what file systems or people could take for something else is written as %HEX.
std::string file_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || (byte > 0x20 && byte < 0x7F && std::string_view("/\\%:*?\"<>|").find(c) == std::string_view::npos);
    if (plain && !(out.empty() && c == '.')) out += c;
    else out += fmt::format("%{:02X}", byte);
  }
  return out.substr(0, 200);
}

std::string folder_name(std::string kind) {
  std::replace(kind.begin(), kind.end(), ' ', '_');
  if (kind.ends_with("y")) return kind.substr(0, kind.size() - 1) + "ies";
  return kind + (kind.ends_with("s") || kind.ends_with("x") || kind.ends_with("ch") ? "es" : "s");
}

// Two objects whose names differ in case alone have two files on every file system.
class FilePaths {
 public:
  explicit FilePaths(std::string extension) : extension_(std::move(extension)) {}

  std::string of(const Fact& object) {
    // Functions of one name stand in one file.
    const auto key = std::make_tuple(object.name.kind, object.schema.value_or(""), object.object);
    const auto known = paths_.find(key);
    if (known != paths_.end()) return known->second;
    const std::string folder = (object.schema ? file_name(*object.schema) + "/" : "") + folder_name(object.name.kind) + "/";
    std::string path = folder + file_name(object.object) + "." + extension_;
    for (int n = 2; !taken_.insert(ascii_lower(path)).second; ++n) path = fmt::format("{}{}~{}.{}", folder, file_name(object.object), n, extension_);
    return paths_.emplace(key, path).first->second;
  }

 private:
  std::string extension_;
  std::map<std::tuple<std::string, std::string, std::string>, std::string> paths_;
  std::set<std::string> taken_;
};

}  // namespace

std::map<std::string, std::string> schema_files(const Schema& schema, const ChangeFunction& change, const std::string& extension) {
  FilePaths paths(extension);
  for (const Fact& fact : schema.facts())
    if (!fact.parent && !fact.unmodelled) paths.of(fact);
  std::map<std::string, std::vector<PlannedStep>> files;
  for (PlannedStep& step : plan_change(Schema(), schema, change)) {
    const Fact& owner = schema.owner(*schema.find(step.about));
    files[paths.of(owner)].push_back(std::move(step));
  }
  std::map<std::string, std::string> out;
  for (const auto& [path, steps] : files) out.emplace(path, statements_text(steps));
  return out;
}

std::string statements_text(const std::vector<PlannedStep>& steps) {
  std::string out;
  for (const PlannedStep& step : steps) out += (out.empty() ? "" : "\n") + step.step.sql + ";\n";
  return out;
}

}  // namespace flux
