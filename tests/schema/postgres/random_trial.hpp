// A pair of random schemas, tried on databases that are used again and again.
#pragma once

#include <memory>
#include <string>

#include "database.hpp"
#include "random_schema.hpp"
#include "session.hpp"

namespace flux::testing {

struct RandomPair {
  RandomSchema from, to;
  std::uint64_t seed = 0;  // of the rows, and of what is looked at besides
};

// A database, a session and the backend's connection to it.
struct Workbench {
  Database database;
  Session session;
  std::unique_ptr<Backend> inspector = backend();
  std::vector<std::vector<std::string>> empty;  // what counts as nothing

  Workbench();
  Schema inspect() { return inspector->inspect(); }
  // Loads what the server takes, and removes the rest from `schema`.
  void load(RandomSchema& schema);
  // The statements, as flux groups them into transactions.
  void run(const std::vector<PlannedStep>& steps);
};

// The databases of one thread.
class TrialRoom {
 public:
  // The first thing that is wrong; "" where nothing is. Takes out of the pair what the server refuses.
  std::string problem_of(RandomPair& pair);
  // Whether the way could not be gone as the rows were, and said so.
  bool refused() const { return refused_; }

 private:
  std::string run(RandomPair& pair);
  std::string go(const Schema& from, const Schema& to, bool online);
  std::string leave_nothing(Workbench& bench, const Schema& now);
  std::string files_problem(const Schema& wanted);
  std::string goes_wrong(const std::vector<PlannedStep>& steps);
  Schema made(const Schema& facts);

  std::unique_ptr<Workbench> target_, wanted_, scratch_;
  Schema nothing_;
  std::string script_;
  bool refused_ = false;
  std::size_t pairs_ = 0;
};

}  // namespace flux::testing
