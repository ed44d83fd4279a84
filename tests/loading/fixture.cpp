#include "fixture.hpp"

namespace flux::testing {

namespace fs = std::filesystem;

LoadingFixture::LoadingFixture() {
  for (const fs::path& folder : {backends(), home(), project() / "migrations"}) {
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms(0755));
  }
  fs::permissions(dir_.path(), fs::perms(0755));  // other users get in, for the tests that need one
}

fs::path LoadingFixture::built(const std::string& name) { return fs::path(FLUX_BAD_BACKENDS) / file_name(name); }

std::string LoadingFixture::file_name(const std::string& name) { return "libflux_backend_" + name + ".so"; }

fs::path LoadingFixture::put(const std::string& variant, const std::string& name, const fs::path& folder) const {
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms(0755));
  const fs::path file = folder / file_name(name);
  fs::copy_file(built(variant), file, fs::copy_options::overwrite_existing);
  fs::permissions(file, fs::perms(0644));
  return file;
}

ProcessResult LoadingFixture::flux(std::vector<std::string> arguments, Environment more,
                                   std::optional<unsigned> uid) const {
  ProcessOptions options;
  options.cwd = project();
  options.uid = uid;
  options.env = {{"HOME", home().string()}, {"NO_COLOR", "1"}};
  for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "FLUX_CONFIG", "FLUX_ENV",
                           "FLUX_DATABASE_URI", "FLUX_BACKEND_PATH"})
    options.env[name] = std::nullopt;
  for (auto& [name, value] : more) options.env[name] = value;
  arguments.insert(arguments.begin(), FLUX_PROGRAM);
  return run_process(arguments, options);
}

ProcessResult LoadingFixture::status(const std::string& name, Environment more, std::optional<unsigned> uid) const {
  write_file(project() / "flux.toml",
             "[flux]\nbackend = \"" + name + "\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"nowhere:\"\n");
  fs::permissions(project() / "flux.toml", fs::perms(0644));
  if (more.find("FLUX_BACKEND_PATH") == more.end()) more["FLUX_BACKEND_PATH"] = backends().string();
  return flux({"status"}, std::move(more), uid);
}

ProcessResult LoadingFixture::list() const { return flux({"backends"}, {{"FLUX_BACKEND_PATH", backends().string()}}); }

}  // namespace flux::testing
