// What a check is given: the backend, its target, the scripts to run, and instances of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "instance.hpp"
#include "quirks.hpp"

namespace flux::check {

class Scene {
 public:
  // The namespaces that checks write to.
  static constexpr const char* space = "flux-check";
  static constexpr const char* other_space = "flux-check-2";

  Scene(Subject subject, Quirks quirks, std::string uri)
      : subject_(std::move(subject)), quirks_(std::move(quirks)), uri_(std::move(uri)) {}

  const Subject& subject() const noexcept { return subject_; }
  const Quirks& quirks() const noexcept { return quirks_; }
  const std::string& uri() const noexcept { return uri_; }
  // Whether the very first listing, before any check, has changed the target.
  bool listing_wrote() const noexcept { return listing_wrote_; }
  void set_listing_wrote(bool wrote) noexcept { listing_wrote_ = wrote; }

  // Throws NotDeclared unless the backend has all of `needs` (enum Need).
  void require_needs(std::uint32_t needs) const;

  // An instance; one that is connected; one whose target has a history. Throw Failed where that cannot be had.
  std::unique_ptr<Instance> created(InstanceOptions options = {}) const;
  std::unique_ptr<Instance> connected(InstanceOptions options = {}) const;
  std::unique_ptr<Instance> ready(InstanceOptions options = {}) const;
  // initialize as the host calls it: under the lock, where there is one.
  void initialize(Instance& instance) const;

  // The names of the things that checks make, from 1 to things.
  static constexpr int things = 4;
  std::string thing(int number) const;
  // Statements about a thing; without what ends them.
  std::string create(int number) const { return about(quirks_.create, number); }
  std::string drop(int number) const { return about(quirks_.drop, number); }
  std::string require(int number) const { return about(quirks_.require, number); }
  std::string about(const std::string& quirk, int number) const;
  // A script of these statements.
  std::string script(const std::vector<std::string>& statements) const;

  // Whether the thing is there, as `instance` sees it.
  bool has(Instance& instance, int number) const;
  // begin, `work`, commit; rolls back where it fails.
  template <class Work>
  void in_transaction(Instance& instance, Work&& work) const {
    must(instance.begin(), "begin");
    try {
      work();
    } catch (...) {
      instance.rollback();
      throw;
    }
    must(instance.commit(), "commit");
  }

  // The rows of a namespace by id.
  std::vector<Row> rows(Instance& instance, const std::string& name_space = space,
                        std::uint32_t flags = FLUX_LIST_UNDO_TEXTS) const;
  // A row of that id, in `space`.
  static Row row(const std::string& id);

  // Takes away what checks have made; goes on where something of it is not there.
  void clean() const;

 private:
  Subject subject_;
  Quirks quirks_;
  std::string uri_;
  bool listing_wrote_ = false;
};

}  // namespace flux::check
