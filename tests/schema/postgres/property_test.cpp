// What must hold of every pair of schemas, tried on random ones. FLUX_TEST_PAIRS: how many; FLUX_TEST_SEED: where to
// begin.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "random_kind.hpp"
#include "random_trial.hpp"

namespace flux::testing {
namespace {

// A table that does not inherit any more keeps the columns that it had from above: that is not gone both ways.
void keep_ancestors(const RandomSchema& from, RandomSchema& to) {
  const auto name = [](const RandomItem& table) { return table.schema + '.' + table.name; };
  for (const RandomItem* before : tables(from)) {
    std::string other;
    for (const RandomItem* table : tables(to))
      if (name(*table) == name(*before) && (table->kind != before->kind || table->uses != before->uses))
        other = table->key();
    if (!other.empty()) to.remove(other);
  }
}

RandomPair pair_of(std::uint64_t seed) {
  Dice dice(seed);
  RandomPair pair{random_schema(dice), {}, seed};
  pair.to = dice.one_in(10) ? random_schema(dice) : mutated(pair.from, dice);
  keep_ancestors(pair.from, pair.to);
  return pair;
}

std::vector<RandomPair> smaller_pairs(const RandomPair& pair) {
  std::vector<RandomPair> out;
  // First what is the same on both sides, then on one of them.
  for (RandomSchema& less : smaller(pair.from)) out.push_back({std::move(less), pair.to, pair.seed});
  for (const RandomItem& item : pair.from.items) {
    out.insert(out.begin(), pair);
    out.front().from.remove(item.key());
    out.front().to.remove(item.key());
  }
  for (RandomSchema& less : smaller(pair.to)) out.push_back({pair.from, std::move(less), pair.seed});
  return out;
}

std::string sql(const RandomSchema& schema) {
  std::string out;
  for (const RandomStatement& statement : definitions(schema)) out += statement.sql + ";\n";
  return out;
}

std::string shown(const RandomPair& pair, TrialRoom& room) {
  RandomPair small = reduced(
      pair, smaller_pairs, [&](RandomPair& one) { return room.problem_of(one); }, 40);
  const std::string problem = room.problem_of(small);
  return "seed " + std::to_string(pair.seed) + "\nfrom\n" + sql(small.from) + "to\n" + sql(small.to) + problem;
}

}  // namespace

TEST_CASE("a random schema becomes another one, and again what it was, with its rows") {
  server().run(
      "postgres",
      "CREATE ROLE flux_reader; CREATE ROLE \"Flux Writer\"; CREATE ROLE flux_owner; CREATE ROLE flux_columns");
  const std::uint64_t first = setting("FLUX_TEST_SEED", 1), count = setting("FLUX_TEST_PAIRS", 300);
  std::atomic<std::uint64_t> next = first, refused = 0;
  std::mutex mutex;
  // Half of the time the one waits for the server.
  constexpr int workers = 3;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i)
    threads.emplace_back([&] {
      TrialRoom room;
      for (std::uint64_t seed = next++; seed < first + count; seed = next++) {
        RandomPair pair = pair_of(seed);
        const std::string problem = room.problem_of(pair);
        if (room.refused()) ++refused;
        if (problem.empty()) continue;
        const std::string text = shown(pair, room);
        const std::lock_guard guard(mutex);
        FAIL_CHECK(text);
      }
    });
  for (std::thread& thread : threads) thread.join();
  MESSAGE(count << " pairs from seed " << first << "; " << refused.load()
                << " could not go as their rows were, and said so");
  CHECK(refused.load() < count / 3);
}

}  // namespace flux::testing
