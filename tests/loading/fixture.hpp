// A project whose backend is one of the test's own files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run_process.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

using Environment = std::map<std::string, std::optional<std::string>>;

// A home folder, a project and a folder `backends`, all fresh. Nothing of the test's own environment reaches flux.
class LoadingFixture {
 public:
  LoadingFixture();

  // The file of a backend that the build made for these tests.
  static std::filesystem::path built(const std::string& name);
  // What `name` must be called to be found.
  static std::string file_name(const std::string& name);
  // Copies the built backend `variant` into `folder` as the backend `name`; returns the copy.
  std::filesystem::path put(const std::string& variant, const std::string& name,
                            const std::filesystem::path& folder) const;
  std::filesystem::path put(const std::string& variant) const { return put(variant, variant, backends()); }

  std::filesystem::path backends() const { return dir_ / "backends"; }
  std::filesystem::path home() const { return dir_ / "home"; }
  std::filesystem::path project() const { return dir_ / "project"; }

  // Runs flux in the project with this environment and no other FLUX_ or XDG_ variable.
  ProcessResult flux(std::vector<std::string> arguments, Environment more = {}, std::optional<unsigned> uid = {}) const;
  // `flux status` with `name` as the project's backend, looked for in backends().
  ProcessResult status(const std::string& name, Environment more = {}, std::optional<unsigned> uid = {}) const;
  // `flux backends`, likewise.
  ProcessResult list() const;

 private:
  TempDir dir_;
};

}  // namespace flux::testing
