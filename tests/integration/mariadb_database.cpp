#include "database.hpp"
#include "mariadb_server.hpp"

namespace flux::testing {
namespace {

class Mariadb final : public Database {
 public:
  Mariadb() : name_(mariadb().create_database()) {}
  std::string backend() const override { return "mariadb"; }
  std::unique_ptr<Database> another() const override { return std::make_unique<Mariadb>(); }
  std::string uri() const override { return mariadb().uri(name_); }
  std::string run(const std::string& sql) const override { return mariadb().run(name_, sql); }
  std::string dump() const override { return mariadb().dump(name_); }
  std::string joined(const std::string& column, const std::string& order) const override {
    return "group_concat(" + column + " order by " + order + " separator ' ')";
  }
  bool takes_all_back() const override { return false; }

 private:
  std::string name_;
};

}  // namespace

MariadbServer& mariadb() {
  static MariadbServer server;
  return server;
}

std::unique_ptr<Database> new_mariadb() { return std::make_unique<Mariadb>(); }
std::unique_ptr<Database> new_mariadb_if_built() { return new_mariadb(); }

}  // namespace flux::testing
