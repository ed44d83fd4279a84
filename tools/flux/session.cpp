#include "session.hpp"

namespace flux::cli {

PlanFor made_for(Migrator& migrator) {
  return PlanFor{migrator.backend().name, migrator.target(), migrator.config().name_space};
}

ConfigRequest Session::config_request(const std::optional<std::string>& uri) const {
  ConfigRequest request;
  if (options_.config) request.file = *options_.config;
  request.environment = options_.environment;
  request.database_uri = uri;
  return request;
}

BackendSearch Session::backend_search() const {
  BackendSearch search;
  if (options_.backend_dir) search.backend_dir = *options_.backend_dir;
  return search;
}

MigratorOptions Session::migrator_options(const Config& config) const {
  MigratorOptions options;
  options.search = backend_search();
  options.log =
      Log::to(options_.log_level.value_or(config.log_level),
              [console = console_](LogLevel level, std::string_view message) { console->log(level, message); });
  return options;
}

Migrator Session::open(const std::optional<std::string>& uri) const {
  Config config = load_config(config_request(uri));
  MigratorOptions options = migrator_options(config);
  return Migrator(std::move(config), std::move(options));
}

SchemaProject Session::open_schema(const std::optional<std::string>& uri) const {
  Config config = load_config(config_request(uri));
  MigratorOptions options = migrator_options(config);
  return SchemaProject(std::move(config), std::move(options));
}

}  // namespace flux::cli
