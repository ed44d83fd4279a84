// What the tests on random schemas of every database share.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace flux::testing {

// The same numbers from every standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  // From 0 to below `count`.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class List>
  const auto& of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// A number in the environment: FLUX_TEST_PAIRS, FLUX_TEST_SEED.
inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// As small a pair as can be found by taking one thing after the other away that is wrong in the same way: the first
// letters of what `problem_of` says are the same. `smaller` gives a pair with one thing less each.
template <class Pair, class Smaller, class ProblemOf>
Pair reduced(Pair pair, const Smaller& smaller, const ProblemOf& problem_of, std::size_t letters) {
  const std::string first = problem_of(pair).substr(0, letters);
  for (bool again = true; again;) {
    again = false;
    for (Pair& less : smaller(pair)) {
      if (problem_of(less).substr(0, letters) != first) continue;
      pair = std::move(less);
      again = true;
      break;
    }
  }
  return pair;
}

}  // namespace flux::testing
