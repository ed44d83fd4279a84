// Privileges of one role, as GRANT and REVOKE have them.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "kind.hpp"

namespace flux::postgres::schema {

// What one role holds, and what it would hold if nobody had said anything: the names of privileges, and whether they
// can be passed on.
struct Holding {
  std::map<std::string, bool, std::less<>> now, usual;

  void add(const Row& row, int privilege, int grantable, int is_usual) {
    (row.flag(is_usual) ? usual : now).emplace(row[privilege], row.flag(grantable));
  }
  // What it holds beyond the usual, and what it lacks of that; without the right to pass on, as lists.
  std::pair<std::string, std::string> granted() const;  // plain, with grant option
  std::string revoked() const;
};

// The steps between two facts that have these properties:
//   before, on   what stands before GRANT and behind ON: "ALTER DEFAULT PRIVILEGES ", "TABLE public.a"
//   columns      in parentheses behind each privilege
//   role         whose they are
//   privileges, grantable   lists: without and with grant option
// `taken`: the facts say what the role does not have.
Steps privilege_steps(const Fact* from, const Fact* to, bool taken);

}  // namespace flux::postgres::schema
