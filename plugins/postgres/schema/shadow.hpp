// Throw-away databases.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../connection.hpp"

namespace flux::postgres::schema {

// Makes them at one server and ends them. As long as this lives, its connection holds an advisory lock for each
// database that it has made: by these another run knows which of them have lost their maker.
class ShadowServer {
 public:
  // Connects to `uri`. Throws as Connection does.
  ShadowServer(std::string uri, Host host);

  const std::string& uri() const { return uri_; }

  // Makes an empty database with the encoding and the locale of the one that uri() names, and returns the URI of it,
  // which has been seen to lead there. Drops those whose maker is gone.
  std::string create();
  // Ends the database that `uri` names, whoever is connected to it; nothing where it is gone. Waits some seconds for
  // workers of the server to leave it. Throws FLUX_E_STATE where it is none that a ShadowServer has made.
  void drop(const std::string& uri);

 private:
  void sweep();
  bool try_lock(const std::string& name);
  void unlock(const std::string& name);
  std::string locale_options();
  void require_leads_to(const std::string& uri, const std::string& name);
  void make(const std::string& name, const std::string& options);

  std::string uri_;
  Host host_;
  Connection connection_;
  std::set<std::string> own_;  // whose locks the connection holds
};

}  // namespace flux::postgres::schema
