// The facts of a database while they are gathered, and what the database's own numbers mean.
#pragma once

#include <cstddef>
#include <deque>
#include <flux/fact.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rows.hpp"

namespace flux::postgres::schema {

// What initdb has made has a lower one.
constexpr Oid first_user_oid = 16384;

// The system catalogs, by their own OIDs, which never change.
namespace in {
constexpr Oid proc = 1255, type = 1247, relation = 1259, authid = 1260, foreign_server = 1417, user_mapping = 1418,
              foreign_wrapper = 2328,
              access_method = 2601, attrdef = 2604, cast = 2605, constraint = 2606, conversion = 2607, language = 2612,
              name_space = 2615, opclass = 2616, operator_ = 2617, rewrite = 2618, trigger = 2620, opfamily = 2753,
              extension = 3079, policy = 3256, statistic = 3381, collation = 3456, event_trigger = 3466,
              transform = 3576, ts_dictionary = 3600, ts_parser = 3601, ts_configuration = 3602, ts_template = 3764,
              subscription = 6100, publication = 6104, publication_relation = 6106, publication_schema = 6237;
}  // namespace in

// An object as pg_depend names it: `catalog` is the OID of the system catalog, `part` a column's number.
struct Address {
  Oid catalog = 0, object = 0;
  int part = 0;
  bool operator==(const Address& other) const {
    return catalog == other.catalog && object == other.object && part == other.part;
  }
};
struct AddressHash {
  std::size_t operator()(const Address& a) const {
    return (static_cast<std::size_t>(a.object) << 24) ^ (static_cast<std::size_t>(a.catalog) << 11) ^
           static_cast<std::size_t>(a.part);
  }
};

// A relation of the user: not the server's, an extension's, temporary or the history.
struct Relation {
  std::string schema, name;
  char kind = 'r';               // pg_class.relkind
  std::string identity() const;  // SCHEMA.NAME as it stands in SQL
};

// The name of the history table, and of the schema that was made for it.
struct HistoryName {
  std::string schema, table;
};

// Gathers. The kinds add() facts under the addresses of what they describe; finish() then finds the dependencies of
// each in pg_depend. What add() returns stays valid.
class Catalog {
 public:
  explicit Catalog(HistoryName history) : history_(std::move(history)) {}

  // The queries whose answers it needs before those of any kind, and the one that it needs behind them all.
  std::vector<std::string> queries() const;
  void read(std::size_t which, const Rows& rows);
  static std::string depend_query();

  // The name of a schema; nullptr where what lies in it is not the user's. Whatever schema it is: any_schema().
  const std::string* schema(Oid oid) const;
  std::string any_schema(Oid oid) const;
  // nullptr: it is not the user's.
  const Relation* relation(Oid oid) const;
  // What a relation inherits from, or the partitioned table or index that it is a partition of; in their order.
  const std::vector<Oid>& parents(Oid oid) const;
  // Is it the user's, as far as schemas do not tell: not part of an extension?
  bool owned(const Address& address) const { return members_.count(address) == 0; }

  // The fact of what lies at `address`. `target` is how COMMENT ON and ALTER ... OWNER TO name it ("TABLE public.a"),
  // "" where they cannot.
  Fact& add(const Address& address, Fact fact, std::string target = {});
  // Something that is part of what lies at `to`, or is there because of it: who depends on it depends on that.
  void alias(const Address& address, const Address& to) { aliases_[address] = to; }
  bool is_alias(const Address& address) const { return aliases_.count(address) != 0; }
  // Dependencies that pg_depend does not have.
  void depend(const Address& dependent, const Address& on) { own_depends_.push_back({dependent, on}); }

  struct Entry {
    Address address;
    Fact fact;
    std::string target;
  };
  // What add() was given for exactly this; nullptr: nothing.
  const Entry* at(const Address& address) const;
  // The fact that speaks for `address`: that of the object where its column has none, and what it is an alias of.
  const Entry* find(const Address& address) const;
  // All facts so far.
  const std::deque<Entry>& entries() const { return entries_; }

  // Adds the dependencies of all facts, from the answer to depend_query(), and puts the properties in order.
  void finish(const Rows& depends);

 private:
  void read_namespace(const Row& row);
  void read_member(const Row& row);
  void read_relation(const Row& row);
  void read_type(const Row& row);
  void read_parent(const Row& row);
  void drop_history_schema();
  Address resolved(Address address) const;
  Entry* entry(const Address& address);
  void link(const Address& dependent, const Address& on);

  HistoryName history_;
  std::unordered_map<Oid, std::string> schemas_, system_schemas_;
  std::unordered_map<Address, Oid, AddressHash> members_;  // the extension of each
  std::unordered_map<Oid, Relation> relations_;
  std::unordered_map<Oid, std::vector<Oid>> parents_;
  std::unordered_map<Address, Address, AddressHash> aliases_;
  std::deque<Entry> entries_;
  std::unordered_map<Address, Entry*, AddressHash> by_address_;
  std::vector<std::pair<Address, Address>> own_depends_;
};

// The rows of an answer by the relation whose OID stands in `column`, each list in the order of the answer.
std::unordered_map<Oid, std::vector<Row>> by_relation(const Rows& rows, int column);

// Hands each row to `take`, with the fact of that relation, in the order of the relations' facts; `take` may add facts.
// Rows of relations that are no facts are left out.
void each_by_relation(const Rows& rows, int column, Catalog& catalog,
                      const std::function<void(const Row& row, const Fact& relation)>& take);

// Adds a property to a fact, unless it is empty.
void set(Fact& fact, std::string name, std::string value);
void set(Fact& fact, std::string name, const char* value);
void set(Fact& fact, std::string name, bool value);

}  // namespace flux::postgres::schema
