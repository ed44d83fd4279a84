// A throw-away database of the backend that is checked, and what can be asked of it.
#pragma once

#include <flux/core/schema/change_plan.hpp>
#include <memory>
#include <string>
#include <vector>

#include "scene.hpp"
#include "schema_calls.hpp"

namespace flux::check {

// The facts of the database that it is connected to, as they come, and as a schema. Throw Failed; the second where two
// have one name.
std::vector<FactFound> facts_of(Instance& instance);
Schema schema_of(Instance& instance);

// As the host makes one: by an instance that is not connected, at the server of the target; another one is connected to
// it.
class Shadow {
 public:
  // Throws Failed where that cannot be had.
  explicit Shadow(const Scene& scene, InstanceOptions options = {});
  ~Shadow();  // ends it
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  const std::string& uri() const noexcept { return uri_; }
  Instance& instance() noexcept { return *connected_; }
  SchemaCalls& calls() noexcept { return *calls_; }
  Outcome drop();  // by the instance that has made it, whoever is connected

  // Loads each; throws Failed.
  void load(const std::vector<std::string>& definitions);
  void run(const std::vector<PlannedStep>& steps);
  // Its facts, as they come; throws Failed.
  std::vector<FactFound> found() { return facts_of(*connected_); }
  Schema schema() { return schema_of(*connected_); }

 private:
  std::string server_;
  std::unique_ptr<Instance> maker_, connected_;
  std::string uri_;
  std::unique_ptr<SchemaCalls> calls_;
};

// The URI of a new shadow made by `maker`; throws Failed.
std::string create_shadow(Instance& maker, const std::optional<std::string>& server_uri);

// What the instance answers for one difference; throws Failed for what is neither steps nor FLUX_E_UNSUPPORTED.
ChangeFunction change_of(Instance& instance);

// The way from one schema to another, as the host finds it, by an instance that is not connected. Throws Failed where
// there is none.
std::vector<PlannedStep> way(const Scene& scene, const Schema& from, const Schema& to);

// Fails unless there is nothing but what a database has before anything is made in it.
void expect_initial(const Scene& scene, const Schema& came, const std::string& what);

// Fails unless the two have equal facts, whatever their order.
void expect_equal(const Schema& wanted, const Schema& came, const std::string& what);

// "table public.orders, view public.open"
std::string names_of(const Schema& schema);

}  // namespace flux::check
