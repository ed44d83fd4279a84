// flux.schema.v1 of one instance, called by its C table alone.
#pragma once

#include <flux/fact.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "instance.hpp"

namespace flux::check {

// A fact that was emitted, and what its struct said of itself.
struct FactFound {
  Fact fact;
  std::uint32_t struct_size = 0, flags = 0, property_size = 0, dependency_size = 0;
};

// The instance must outlive it.
class SchemaCalls {
 public:
  // Throws NotDeclared where the backend has not the interface.
  explicit SchemaCalls(Instance& instance);

  Outcome create_shadow(const std::optional<std::string>& server_uri, std::vector<std::string>& uris);
  Outcome drop_shadow(const std::optional<std::string>& server_uri, const std::string& uri);
  // `stop_after`: emit answers FLUX_E_STOP to the one of that number, from 1.
  Outcome inspect(std::vector<FactFound>& found, std::size_t stop_after = 0);
  Outcome change(const SchemaChange& change, std::vector<SchemaStep>& steps, std::size_t stop_after = 0);
  Outcome load(const std::string& sql);
  Outcome check_loaded(std::vector<std::pair<FactRef, std::string>>& problems);
  Outcome read_definition(const std::string& sql, std::vector<Mention>& mentions, std::size_t stop_after = 0);

 private:
  template <class Call>
  Outcome reported(Call&& call);

  Instance& instance_;
  const flux_schema_v1& table_;
};

}  // namespace flux::check
