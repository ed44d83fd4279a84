#include <doctest/doctest.h>

#include <atomic>
#include <flux/core/in_parallel.hpp>
#include <flux/core/text_store.hpp>
#include <stdexcept>
#include <string>
#include <vector>

TEST_SUITE_BEGIN("in parallel");

using namespace flux;

TEST_CASE("each item is done once, whatever the number of threads") {
  for (const std::size_t threads : {1U, 2U, 7U})
    for (const std::size_t items : {0U, 1U, 64U, 1000U}) {
      CAPTURE(threads);
      CAPTURE(items);
      std::vector<std::atomic<int>> done(items);
      std::atomic<bool> thread_known = true;
      in_parallel(items, threads, [&](std::size_t thread, std::size_t item) {
        ++done[item];
        if (thread >= threads) thread_known = false;
      });
      for (const auto& times : done) CHECK(times == 1);
      CHECK(thread_known);
    }
}

TEST_CASE("what one thread throws ends them all") {
  std::atomic<std::size_t> done = 0;
  CHECK_THROWS_WITH_AS(in_parallel(1'000'000, 2,
                                   [&](std::size_t, std::size_t item) {
                                     if (item == 100) throw std::runtime_error("item 100");
                                     ++done;
                                   }),
                       "item 100", std::runtime_error);
  CHECK(done < 1'000'000);
}

TEST_CASE("texts stay what they are while more are stored, small and large") {
  TextStore store;
  std::vector<std::pair<std::string_view, std::string>> kept;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::string text(i % 100 == 0 ? 100'000 : i % 300, static_cast<char>('a' + i % 26));
    kept.emplace_back(store.keep(text), text);
    char* const room = store.allocate(500);
    std::fill_n(room, 500, '!');
    store.give_back(500, i % 2 == 0 ? 0 : 10);
    char* const large = store.allocate(200'000);
    large[199'999] = '!';
    store.give_back(200'000, 0);
  }
  for (const auto& [text, expected] : kept) CHECK(text == expected);
}

TEST_SUITE_END();
