// The order of the changes between two schemas.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "change_fates.hpp"

namespace flux {

// One thing to be done.
struct ChangeNode {
  ChangeKind kind;
  const Fact* fact;  // in `from` where it is dropped, else in `to`
};

// Drops along the old dependencies, makes along the new ones, what is dropped before what is made under its name. What is
// done along with something else (a column with its table) is no node. Where that makes a circle, it becomes one: a
// foreign key goes before its table, a default comes behind it.
class ChangeGraph {
 public:
  ChangeGraph(const Schema& from, const Schema& to, const ChangeFates& fates);

  // In the order in which they can be done. Throws Error{backend} naming a circle that cannot be opened.
  std::vector<ChangeNode> ordered();
  // Whether a part is made along with its parent.
  bool folded(const Fact& part) const { return made_apart_.count(part.name) == 0; }

 private:
  // What a fact is done with: a node, or one that will be.
  using Key = ChangeNode;
  struct Edge {
    std::size_t before, behind;
    const Fact* via;  // whose need it is; null: the two have the same name
  };

  std::optional<Key> drop_key(const Fact& old) const;
  std::optional<Key> make_key(const Fact& made) const;
  std::optional<Key> alter_key(const FactRef& name) const;
  // Where it goes or is altered, and where it comes or is altered; also nullopt where there is no such fact.
  std::optional<Key> old_key(const FactRef& name) const;
  std::optional<Key> new_key(const FactRef& name) const;
  std::size_t& node_of(const Key& key);
  void build();
  void find_keys();
  void add_nodes();
  void add_old_edges();
  void add_new_edges();
  void add_name_edges();
  void add_edge(const std::optional<Key>& before, const std::optional<Key>& behind, const Fact* via);
  std::vector<bool> parting() const;  // of the nodes, those that end a transaction; where nothing is online, none
  // Moves what is made again down to what it makes room for, so that nothing else comes in between.
  void drop_late(std::vector<std::size_t>& order) const;
  std::vector<std::size_t> sorted() const;  // shorter than the nodes where there is a circle
  std::vector<Edge> circle(const std::vector<std::size_t>& sorted) const;
  bool open(const std::vector<Edge>& circle);

  const Schema &from_, &to_;
  const ChangeFates& fates_;
  std::set<FactRef> made_apart_, dropped_apart_;
  std::set<std::pair<FactRef, FactRef>> ignored_names_;
  std::vector<std::optional<Key>> old_keys_, new_keys_;  // by the positions of the facts in `from_` and `to_`
  std::vector<std::size_t> drop_nodes_, other_nodes_;    // likewise
  std::vector<ChangeNode> nodes_;
  std::vector<Edge> edges_;
};

}  // namespace flux
