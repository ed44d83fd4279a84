// A throw-away database.
#pragma once

#include <memory>
#include <optional>

#include <flux/core/backend.hpp>
#include <flux/core/config.hpp>
#include <flux/core/log.hpp>

namespace flux {

// Makes empty databases beside the target, or where [schema] shadow_uri says.
struct ShadowMaker {
  std::shared_ptr<const BackendLibrary> library;
  Config config;
  Log log;
};

// An empty database when constructed, with a connection to it; gone when destroyed. Throws Error.
class Shadow {
 public:
  explicit Shadow(const ShadowMaker& maker);
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  const Uri& uri() const noexcept { return uri_; }
  Backend& backend() noexcept { return *connected_; }

 private:
  Log log_;
  std::optional<Uri> server_;
  Backend maker_;
  Uri uri_;
  std::unique_ptr<Backend> connected_;
};

}  // namespace flux
