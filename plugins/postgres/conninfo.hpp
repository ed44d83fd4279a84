// What the user gave as the target, as libpq takes it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flux::postgres {

// The parameters of a connection: every libpq URI or "key=value" text, "postgresql+DRIVER://" as SQLAlchemy writes it
// too, with Flux's own settings: client_encoding UTF8 always; where the user, the environment or a service file says
// nothing else: application_name flux, connect_timeout 10 s, a dead link noticed within about a minute.
class Conninfo {
 public:
  // Throws BackendError(FLUX_E_CONNECTION) for text that libpq would not take, without repeating any of it that could
  // be a password.
  explicit Conninfo(std::string_view uri);

  // Parallel arrays for PQconnectdbParams (with expand_dbname), ended by NULL; valid while this object lives.
  std::vector<const char*> names() const;
  std::vector<const char*> values() const;

  // `text` without the passwords that the user gave.
  std::string scrubbed(std::string text) const;

 private:
  void add(std::string name, std::string value) { parameters_.emplace_back(std::move(name), std::move(value)); }

  std::vector<std::pair<std::string, std::string>> parameters_;
  std::vector<std::string> secrets_;
};

// A URI that leads to the database `name`, and else as `uri` does.
std::string with_database(std::string_view uri, std::string_view name);
// The database that `uri` names itself; "" where it names none.
std::string database_in(std::string_view uri);

}  // namespace flux::postgres
