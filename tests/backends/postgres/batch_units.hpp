// Units for the backend, in a batch or one by one, as the host does it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace flux::testing {

enum class Way { batch, one_by_one };

// What cannot be sent with others runs alone. Returns how many units are settled, with the failure of the next one in
// `failure`.
std::size_t settle(Way way, TableClient& client, const std::vector<Unit>& units, std::optional<Failure>& failure,
                   bool in_transaction = false);
// The same; throws the failure.
std::size_t settle(Way way, TableClient& client, const std::vector<Unit>& units);

// A migration, and its undo.
Unit unit(const std::string& id, const std::string& text);
Unit undo(const std::string& id, const std::string& text);

// Of the history, with a blank between.
std::string ids(TableClient& client);

template <class Test>
void both_ways(Test&& test) {
  for (const Way way : {Way::batch, Way::one_by_one}) {
    CAPTURE((way == Way::batch ? "batch" : "one by one"));
    test(way);
  }
}

}  // namespace flux::testing
