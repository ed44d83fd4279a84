#include <flux/core/schema/shadow.hpp>

#include <fmt/core.h>

namespace flux {
namespace {

std::optional<Uri> server_of(const Config& config) {
  if (config.schema.shadow_uri) return config.schema.shadow_uri;
  const bool said = config.database_uri || config.database_uri_problem || !config.database_uri_command.empty();
  return said ? std::optional(resolve_database_uri(config)) : std::nullopt;
}

}  // namespace

Shadow::Shadow(const ShadowMaker& maker)
    : log_(maker.log),
      server_(server_of(maker.config)),
      maker_(maker.library, maker.config, maker.log),
      uri_(maker_.create_shadow(server_)) {
  try {
    connected_ = std::make_unique<Backend>(maker.library, maker.config, maker.log);
    connected_->connect(uri_);
  } catch (...) {
    connected_.reset();
    maker_.drop_shadow(server_, uri_);
    throw;
  }
}

Shadow::~Shadow() {
  connected_.reset();
  try {
    maker_.drop_shadow(server_, uri_);
  } catch (const std::exception& e) {
    log_.warn(fmt::format("the shadow database could not be dropped, the next run will: {}", e.what()));
  }
}

}  // namespace flux
