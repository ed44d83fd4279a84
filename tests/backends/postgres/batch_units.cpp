#include "batch_units.hpp"

namespace flux::testing {
namespace {

void settle_alone(TableClient& client, const Unit& unit, bool in_transaction) {
  if (!in_transaction) client.begin();
  try {
    if (unit.text) client.apply(*unit.text, unit.row ? unit.row->id : "20260101_001_test", unit.options);
    if (unit.row && unit.removes) client.unregister_migration(unit.row->name_space, unit.row->id);
    if (unit.row && !unit.removes) client.register_migration(*unit.row);
    if (!in_transaction) client.commit();
  } catch (const Failure&) {
    if (!in_transaction) client.rollback();
    throw;
  }
}

}  // namespace

std::size_t settle(Way way, TableClient& client, const std::vector<Unit>& units, std::optional<Failure>& failure,
                   bool in_transaction) {
  std::size_t next = 0;
  try {
    while (next < units.size()) {
      if (way == Way::batch) {
        std::vector<std::int64_t> settled;
        try {
          client.apply_batch({units.begin() + static_cast<std::ptrdiff_t>(next), units.end()}, settled);
          next += settled.size();
          continue;
        } catch (const Failure& f) {
          next += settled.size();
          if (f.code != FLUX_E_UNSUPPORTED) throw;
        }
      }
      settle_alone(client, units[next], in_transaction);
      ++next;
    }
  } catch (const Failure& f) {
    failure = f;
  }
  return next;
}

std::size_t settle(Way way, TableClient& client, const std::vector<Unit>& units) {
  std::optional<Failure> failure;
  const std::size_t settled = settle(way, client, units, failure);
  if (failure) throw *failure;
  return settled;
}

Unit unit(const std::string& id, const std::string& text) {
  Unit out;
  out.text = text;
  out.row = row_of(id);
  out.row->is_new = true;
  return out;
}

Unit undo(const std::string& id, const std::string& text) {
  Unit out;
  out.text = text;
  out.row = row_of(id);
  out.removes = true;
  return out;
}

std::string ids(TableClient& client) {
  std::string out;
  for (const Row& row : client.list_history()) out += (out.empty() ? "" : " ") + row.id;
  return out;
}

}  // namespace flux::testing
