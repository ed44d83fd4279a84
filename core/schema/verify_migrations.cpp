#include <flux/core/schema/verify_migrations.hpp>

#include <fmt/core.h>

#include <set>

#include <flux/core/schema/replay.hpp>

namespace flux {
namespace {

// A shadow with the migrations that have been proven.
class Stage {
 public:
  explicit Stage(SchemaProject& project) : project_(project), options_(project.options()) {
    options_.repeatables = project.needs_repeatables();
    fresh();
  }

  // An empty database, brought to where `id` is the last that is applied; "": none. What failed.
  std::vector<Failure> rebuild(const std::string& id) {
    fresh();
    return id.empty() ? std::vector<Failure>() : apply_to(id);
  }

  // Applies up to `id`; what failed.
  std::vector<Failure> apply_to(const std::string& id) { return run(ApplyRequest{std::nullopt, id, false, false}); }
  std::vector<Failure> undo_one() {
    RollbackRequest request;
    request.count = 1;
    request.no_repeatable = true;
    return run(request);
  }
  Schema inspect() { return project_.of_shadow(*shadow_); }
  const MigrationSet& migrations() { return migrator_->migrations(); }

 private:
  void fresh() {
    migrator_.reset();
    shadow_.reset();
    shadow_ = project_.make_shadow();
    migrator_.emplace(shadow_migrator(project_.config(), options_, *shadow_));
  }
  std::vector<Failure> run(const Request& request) {
    try {
      return migrator_->run(migrator_->plan(request)).failures;
    } catch (const Error& error) {
      return error.failures();
    }
  }

  SchemaProject& project_;
  MigratorOptions options_;
  std::unique_ptr<Shadow> shadow_;
  std::optional<Migrator> migrator_;
};

// What is left between `is` and `should`; nullopt: nothing.
std::optional<SchemaChanges> difference(SchemaProject& project, const Schema& is, const Schema& should) {
  if (differences(is, should).empty()) return std::nullopt;
  SchemaChanges changes = project.compare(is, should);
  return changes.empty() ? std::nullopt : std::optional(std::move(changes));
}

class Prover {
 public:
  Prover(SchemaProject& project, const VerifyRequest& request) : project_(project), request_(request), stage_(project) {}

  std::vector<Proof> run() {
    const MigrationSet& set = stage_.migrations();
    if (!set.problems.empty()) throw Error(set.problems.front().code, set.problems);
    for (const Migration& migration : set.migrations) all_.push_back({std::string(migration.id), migration.undo != nullptr, migration.up->directives().irreversible});
    require_known();
    std::size_t done = 0;
    const std::size_t count = request_.ids.empty() ? all_.size() : wanted_.size();
    for (std::size_t i = 0; i < all_.size() && done < count; ++i) {
      if (!request_.ids.empty() && wanted_.count(all_[i].id) == 0) continue;
      if (request_.cancelled && request_.cancelled()) break;
      const auto start = std::chrono::steady_clock::now();
      Proof proof = prove(i);
      proof.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
      proofs_.push_back(std::move(proof));
      if (request_.observer) request_.observer(proofs_.back(), ++done, count);
      if (proofs_.back().outcome == ProofOutcome::up_failed) break;
    }
    return std::move(proofs_);
  }

 private:
  struct Subject {
    std::string id;
    bool has_undo, irreversible;
  };

  void require_known() {
    std::set<std::string> known;
    for (const Subject& subject : all_) known.insert(subject.id);
    for (const std::string& id : request_.ids) {
      if (known.count(id) != 0) {
        wanted_.insert(id);
        continue;
      }
      Failure f;
      f.code = ErrorCode::usage;
      f.message = fmt::format("there is no migration {}", id);
      f.hint = "`flux status` lists them";
      throw Error(std::move(f));
    }
  }

  Proof prove(std::size_t index) {
    const Subject& subject = all_[index];
    const std::string before_id = index == 0 ? "" : all_[index - 1].id;
    Proof proof{subject.id, ProofOutcome::proven, {}, std::nullopt, {}};
    if (!before_ || at_ != before_id) {
      if (!before_id.empty()) proof.failures = stage_.apply_to(before_id);
      if (!proof.failures.empty()) return ended(proof, ProofOutcome::up_failed);
      before_ = stage_.inspect();
    }
    proof.failures = stage_.apply_to(subject.id);
    if (!proof.failures.empty()) return ended(proof, ProofOutcome::up_failed);
    Schema after = stage_.inspect();
    if (subject.irreversible) proof.outcome = ProofOutcome::irreversible;
    else if (subject.has_undo) check_undo(proof, *before_, after);
    else proof.outcome = ProofOutcome::no_undo;
    // What a bad undo has left must not be taken for a fault of the next one.
    if (!is_good(proof.outcome)) {
      std::vector<Failure> failures = stage_.rebuild(subject.id);
      if (!failures.empty()) {
        proof.failures = std::move(failures);
        return ended(proof, ProofOutcome::up_failed);
      }
    }
    before_ = std::move(after);
    at_ = subject.id;
    return proof;
  }

  void check_undo(Proof& proof, const Schema& before, const Schema& after) {
    proof.failures = stage_.undo_one();
    if (!proof.failures.empty()) return set(proof, ProofOutcome::undo_failed);
    proof.difference = difference(project_, stage_.inspect(), before);
    if (proof.difference) return set(proof, ProofOutcome::not_restored);
    proof.failures = stage_.apply_to(proof.id);
    if (proof.failures.empty()) proof.difference = difference(project_, stage_.inspect(), after);
    if (!proof.failures.empty() || proof.difference) set(proof, ProofOutcome::not_repeatable);
  }

  static void set(Proof& proof, ProofOutcome outcome) { proof.outcome = outcome; }
  static Proof ended(Proof& proof, ProofOutcome outcome) {
    proof.outcome = outcome;
    return std::move(proof);
  }

  SchemaProject& project_;
  const VerifyRequest& request_;
  Stage stage_;
  std::vector<Subject> all_;
  std::set<std::string> wanted_;
  std::optional<Schema> before_;  // with `at_` as the last that is applied
  std::string at_;
  std::vector<Proof> proofs_;
};

}  // namespace

const char* name(ProofOutcome outcome) noexcept {
  switch (outcome) {
    case ProofOutcome::proven: return "proven";
    case ProofOutcome::no_undo: return "no_undo";
    case ProofOutcome::irreversible: return "irreversible";
    case ProofOutcome::undo_failed: return "undo_failed";
    case ProofOutcome::not_restored: return "not_restored";
    case ProofOutcome::not_repeatable: return "not_repeatable";
    case ProofOutcome::up_failed: return "up_failed";
  }
  return "";
}

bool is_good(ProofOutcome outcome) noexcept {
  return outcome == ProofOutcome::proven || outcome == ProofOutcome::no_undo || outcome == ProofOutcome::irreversible;
}

std::vector<Proof> verify_migrations(SchemaProject& project, const VerifyRequest& request) { return Prover(project, request).run(); }

}  // namespace flux
