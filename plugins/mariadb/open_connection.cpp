#include "open_connection.hpp"

#include <errmsg.h>
#include <fcntl.h>

#include <algorithm>
#include <flux/backend.hpp>
#include <new>
#include <string>
#include <string_view>

namespace flux::mariadb {
namespace {

// The text to give to the library, which takes NULL for "not given".
const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

// The server may ask for any file of this machine where a script says LOAD DATA LOCAL, and even where it does not.
int refuse_file(void**, const char*, void*) { return 1; }
int read_nothing(void*, char*, unsigned int) { return -1; }
void end_nothing(void*) {}
int explain_refusal(void*, char* text, unsigned int length) {
  constexpr std::string_view why = "LOAD DATA LOCAL is not allowed: Flux sends no files of its machine to a server";
  const std::size_t count = std::min<std::size_t>(why.size(), length > 0 ? length - 1 : 0);
  std::copy_n(why.data(), count, text);
  if (length > 0) text[count] = '\0';
  return CR_UNKNOWN_ERROR;
}

void set_tls(MYSQL* handle, const TargetUri& uri) {
  my_bool enforce = uri.tls >= TlsMode::required ? 1 : 0, verify = uri.tls >= TlsMode::verify_ca ? 1 : 0;
  if (uri.tls == TlsMode::disabled) return;
  mysql_ssl_set(handle, or_null(uri.tls_key), or_null(uri.tls_cert), or_null(uri.tls_ca), nullptr, nullptr);
  mysql_optionsv(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
  mysql_optionsv(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

// The option files are read while connecting, and count more than what was set before.
bool settle(MYSQL* handle) {
  const my_bool no = 0;
  mysql_optionsv(handle, MYSQL_OPT_RECONNECT, &no);
  const bool one_statement = (handle->options.client_flag & CLIENT_MULTI_STATEMENTS) == 0 ||
                             mysql_set_server_option(handle, MYSQL_OPTION_MULTI_STATEMENTS_OFF) == 0;
  return one_statement && mysql_set_character_set(handle, "utf8mb4") == 0;
}

void require_tls_of(MYSQL* handle, const TargetUri& uri) {
  if (uri.tls == TlsMode::disabled) return;
  // The library goes on without TLS where the server has none, unless it is to look at the server's certificate.
  if (uri.tls >= TlsMode::required && mysql_get_ssl_cipher(handle) == nullptr)
    throw BackendError(FLUX_E_CONNECTION, "the server does not speak TLS, which ssl-mode requires");
  my_bool verified = 0;
  const char* authorities = nullptr;
  mysql_get_optionv(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified);
  mysql_get_optionv(handle, MYSQL_OPT_SSL_CA, &authorities);
  const bool others = !uri.tls_ca.empty() && (authorities == nullptr || uri.tls_ca != authorities);
  if ((uri.tls < TlsMode::verify_ca || verified != 0) && !others) return;
  throw BackendError(FLUX_E_CONNECTION, "an option file undoes what the URI says of TLS")
      .hint("take ssl-verify-server-cert and ssl-ca out of the group [client] of my.cnf");
}

}  // namespace

Opened open_connection(const TargetUri& uri, unsigned timeout_s) {
  Opened out;
  out.handle.reset(mysql_init(nullptr));
  MYSQL* handle = out.handle.get();
  if (handle == nullptr) throw std::bad_alloc();
  const unsigned local_infile = 0;
  unsigned protocol = !uri.socket.empty() ? MYSQL_PROTOCOL_SOCKET
                      : uri.port != 0     ? MYSQL_PROTOCOL_TCP
                                          : MYSQL_PROTOCOL_DEFAULT;
  mysql_optionsv(handle, MYSQL_READ_DEFAULT_GROUP, "client");
  mysql_optionsv(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &timeout_s);
  mysql_optionsv(handle, MYSQL_OPT_LOCAL_INFILE, &local_infile);
  if (protocol != MYSQL_PROTOCOL_DEFAULT) mysql_optionsv(handle, MYSQL_OPT_PROTOCOL, &protocol);
  mysql_set_local_infile_handler(handle, refuse_file, read_nothing, end_nothing, explain_refusal, nullptr);
  set_tls(handle, uri);
  out.connected =
      mysql_real_connect(handle, or_null(uri.host), or_null(uri.user), uri.password ? uri.password->c_str() : nullptr,
                         or_null(uri.database), uri.port, or_null(uri.socket), 0) != nullptr &&
      settle(handle);
  if (!out.connected) return out;
  require_tls_of(handle, uri);
  // Flux starts other programs, which must not keep the connection open.
  ::fcntl(static_cast<int>(mysql_get_socket(handle)), F_SETFD, FD_CLOEXEC);
  return out;
}

}  // namespace flux::mariadb
