#include "snapshot.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "scene.hpp"

namespace flux::check {
namespace {

std::string output_of(const std::string& command, const std::string& uri) {
  setenv("FLUX_CHECK_URI", uri.c_str(), 1);
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string out;
  char buffer[4096];
  while (const std::size_t n = pipe ? std::fread(buffer, 1, sizeof buffer, pipe.get()) : 0) out.append(buffer, n);
  const int status = pipe ? pclose(pipe.release()) : -1;
  expect(status == 0, "an end with 0 from the command of the quirk \"snapshot\"",
         WIFEXITED(status) ? fmt::format("exit({})", WEXITSTATUS(status)) : fmt::format("the status {}", status));
  return out;
}

// The name and content of `path`, or of all that is in it.
std::string content_of(const std::filesystem::path& path) {
  std::string out;
  const auto add = [&](const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    out += file.string() + '\n' + std::string(std::istreambuf_iterator<char>(in), {}) + '\n';
  };
  if (std::filesystem::is_regular_file(path)) add(path);
  if (std::filesystem::is_directory(path)) {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
      if (entry.is_regular_file()) files.insert(entry.path());
    for (const auto& file : files) add(file);
  }
  return out;
}

}  // namespace

std::string snapshot(const Scene& scene) {
  if (!scene.quirks().snapshot.empty()) return output_of(scene.quirks().snapshot, scene.uri());
  const std::string& uri = scene.uri();
  const std::size_t from = uri.find(':') + 1;
  const auto path = std::filesystem::path("/") / uri.substr(from, uri.find('?', from) - from);
  // A file may not be there yet.
  if (!std::filesystem::exists(path.parent_path()))
    throw NoQuirk{"the target is neither a file nor a folder, and the quirks name no snapshot"};
  return content_of(path);
}

}  // namespace flux::check
