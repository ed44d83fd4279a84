#include "privileges.hpp"

#include <set>

#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

void append(std::string& list, std::string_view item) { list.append(list.empty() ? "" : ", ").append(item); }

std::set<std::string> members(const Fact* fact, const char* name) {
  std::set<std::string> out;
  std::string_view list = fact == nullptr ? std::string_view() : fact->property(name);
  while (!list.empty()) {
    const std::size_t end = list.find(", ");
    out.emplace(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 2);
  }
  return out;
}

std::set<std::string> without(const std::set<std::string>& all, const std::set<std::string>& other) {
  std::set<std::string> out;
  for (const std::string& one : all)
    if (other.count(one) == 0) out.insert(one);
  return out;
}

// Writes statements about one object and one role.
class Statements {
 public:
  explicit Statements(const Fact& fact) : fact_(fact) {}

  void give(const std::set<std::string>& privileges, const char* behind = "") {
    if (privileges.empty()) return;
    steps_.push_back(
        step(text("before") + "GRANT " + list(privileges) + " ON " + text("on") + " TO " + text("role") + behind));
  }
  void take(const std::set<std::string>& privileges, const char* what = "") {
    if (privileges.empty()) return;
    steps_.push_back(
        step(text("before") + "REVOKE " + what + list(privileges) + " ON " + text("on") + " FROM " + text("role"),
             FLUX_HAZARD_BREAKS_CLIENTS, text("role") + " may do less with " + text("on") + ": " + list(privileges)));
  }
  Steps steps() && { return std::move(steps_); }

 private:
  std::string text(const char* name) const { return std::string(fact_.property(name)); }
  std::string list(const std::set<std::string>& privileges) const {
    std::string out;
    for (const std::string& one : privileges) append(out, one + text("columns"));
    return out;
  }

  const Fact& fact_;
  Steps steps_;
};

}  // namespace

std::pair<std::string, std::string> Holding::granted() const {
  std::pair<std::string, std::string> out;
  for (const auto& [privilege, grantable] : now) {
    if (grantable)
      append(out.second, privilege);
    else if (usual.count(privilege) == 0)
      append(out.first, privilege);
  }
  return out;
}

std::string Holding::revoked() const {
  std::string out;
  for (const auto& [privilege, grantable] : usual)
    if (now.count(privilege) == 0) append(out, privilege);
  return out;
}

Steps privilege_steps(const Fact* from, const Fact* to, bool taken) {
  Statements out(to != nullptr ? *to : *from);
  if (taken) std::swap(from, to);
  const auto before = members(from, "privileges"), after = members(to, "privileges");
  const auto passed_before = members(from, "grantable"), passed_after = members(to, "grantable");
  out.take(without(without(before, after), passed_after));
  out.take(without(without(passed_before, passed_after), after));
  std::set<std::string> kept;
  for (const std::string& one : passed_before)
    if (after.count(one) != 0) kept.insert(one);
  out.take(kept, "GRANT OPTION FOR ");
  out.give(without(without(after, before), passed_before));
  out.give(without(passed_after, passed_before), " WITH GRANT OPTION");
  return std::move(out).steps();
}

}  // namespace flux::postgres::schema
