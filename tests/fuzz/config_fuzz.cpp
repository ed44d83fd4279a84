// flux.toml: read, or refused with places that are in the file; nothing else happens.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <flux/core/config.hpp>
#include <fstream>
#include <string>

#include "fuzz.hpp"

using flux::fuzz::require;
namespace fs = std::filesystem;

namespace {

// A folder for the file, gone with the process.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "flux-fuzz-XXXXXX").string();
    require(mkdtemp(pattern.data()) != nullptr, "a folder can be made");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path file() const { return path_ / "flux.toml"; }

 private:
  fs::path path_;
};

std::optional<std::string> variable(const std::string& name) {
  return name == "USER" ? std::optional<std::string>("ann") : std::nullopt;
}

void require_place(const flux::Failure& failure, const fs::path& file, std::ptrdiff_t lines) {
  require(!failure.message.empty(), "a problem says what it is");
  if (!failure.where) return;
  require(failure.where->file == file.string(), "a problem is one of the file");
  require(failure.where->line >= 0 && failure.where->line <= lines, "the line of a problem is in the file");
  require(failure.where->column >= 0, "the column of a problem is one");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const std::string_view text = flux::fuzz::text_of(data, size);
  std::ofstream(folder.file(), std::ios::binary | std::ios::trunc) << text;
  // A line ends at LF, CR LF or CR.
  const auto lines = 1 + std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
  for (const bool production : {false, true}) {
    flux::ConfigRequest request;
    request.file = folder.file();
    if (production) request.environment = "production";
    request.getenv = variable;
    try {
      const flux::Config config = flux::load_config(request);
      require(!config.backend.empty() && !config.migration_directory.empty(), "what is required is there");
      require(config.lock_timeout.count() >= 0 && config.statement_lock_timeout.count() >= 0, "no time is negative");
      require(config.lock_retries >= 0, "no count is negative");
    } catch (const flux::Error& error) {
      require(error.code() == flux::ErrorCode::config, "a configuration is refused as one");
      require(!error.failures().empty(), "a refusal has a reason");
      for (const flux::Failure& failure : error.failures()) require_place(failure, folder.file(), lines);
    }
  }
  return 0;
}
