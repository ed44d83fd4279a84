// What a URI of this backend says about where to connect and how.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux::mariadb {

enum class TlsMode { disabled, preferred, required, verify_ca, verify_identity };

// mariadb://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS (or mysql://), every part but the scheme optional and
// percent-decoded; what is left out is "" or nullopt. The parameters are socket, ssl-mode, ssl-ca, ssl-cert, ssl-key and
// connect-timeout.
struct TargetUri {
  // Throws BackendError(FLUX_E_CONNECTION), without anything of a password, where `uri` is not one.
  static TargetUri parse(std::string_view uri);

  std::string host, user, database, socket;
  std::optional<std::string> password;
  unsigned port = 0;  // 0: not given
  TlsMode tls = TlsMode::preferred;
  std::string tls_ca, tls_cert, tls_key;
  unsigned connect_timeout = 10;  // in seconds

  // The host as people write it: within brackets where it is an IPv6 address.
  std::string shown_host() const;
  std::string scrubbed(std::string text) const;  // without the password
};

}  // namespace flux::mariadb
