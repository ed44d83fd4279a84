// The command line of schema as code, as values.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace flux::cli {

struct InspectOptions {
  std::optional<std::string> uri;
  std::optional<std::string> out;  // the folder to write definitions to
  bool force = false;              // replace those that are there
};
struct DiffOptions {
  std::string from, to;
  bool check = false, online = false;
};
struct GenerateOptions {
  std::string name;  // may be empty with `check`
  bool check = false, online = false, allow_data_loss = false;
};
struct DriftOptions {
  std::optional<std::string> uri;
};
// sync, and plan --sync.
struct SyncOptions {
  std::optional<std::string> uri;
  bool online = false, allow_data_loss = false, yes = false;
  bool plan_only = false;
};
struct VerifyOptions {
  std::vector<std::string> ids;
  std::optional<std::string> junit;  // the file to write a report to
};
struct UndoOptions {
  std::string id;
};

}  // namespace flux::cli
