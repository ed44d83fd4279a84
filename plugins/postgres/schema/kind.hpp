// One kind of fact, or a family of kinds that one catalog query finds: how to inspect them and how to change them.
#pragma once

#include <flux/schema.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog.hpp"
#include "rows.hpp"

namespace flux::postgres::schema {

using Steps = std::vector<SchemaStep>;

class Kind {
 public:
  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind() = default;

  // The kinds of fact that it changes: Fact::name.kind.
  virtual std::vector<std::string_view> names() const = 0;
  // The catalog queries. search_path is empty when they run, so that what the server deparses is qualified. Whatever
  // has an OID below first_user_oid is the server's own.
  virtual std::vector<std::string> queries(int server_version) const = 0;
  // Makes facts of the answer to the query `which`. All queries of the kinds before it in kinds() have been read.
  virtual void read(std::size_t which, const Rows& rows, Catalog& catalog) const = 0;
  // As flux::SchemaEditor::change() for facts of its names.
  virtual std::optional<Steps> change(const SchemaChange& change) const = 0;
};

// All kinds in the order in which they are read.
const std::vector<const Kind*>& kinds();
// The one that changes facts named `name`; NULL: none, they are not modelled.
const Kind* kind_named(std::string_view name);

}  // namespace flux::postgres::schema
