#include "target_uri.hpp"

#include <algorithm>
#include <charconv>
#include <flux/backend.hpp>

#include "secrets.hpp"

namespace flux::mariadb {
namespace {

[[noreturn]] void refuse(const std::string& why, const std::string& hint = "") {
  throw BackendError(FLUX_E_CONNECTION, "the database URI is not valid: " + why)
      .hint(hint.empty()
                ? "mariadb://USER:PASSWORD@HOST:PORT/DATABASE, with @ : / ? # % in a password written as %40 %3A "
                  "%2F %3F %23 %25"
                : hint);
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string decoded(std::string_view text, const char* what) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (high < 0 || low < 0) refuse(std::string("a % in the ") + what + " is not followed by two hexadecimal digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (out.find('\0') != std::string::npos) refuse(std::string("the ") + what + " holds a NUL byte");
  return out;
}

unsigned number(std::string_view text, unsigned most, const char* what) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out > most || out == 0)
    refuse(std::string("the ") + what + " is not a number from 1 to " + std::to_string(most));
  return out;
}

constexpr const char* parameters[] = {"socket", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "connect-timeout"};

struct TlsName {
  const char* name;
  TlsMode mode;
};
constexpr TlsName tls_names[] = {{"disabled", TlsMode::disabled},
                                 {"preferred", TlsMode::preferred},
                                 {"required", TlsMode::required},
                                 {"verify-ca", TlsMode::verify_ca},
                                 {"verify-identity", TlsMode::verify_identity}};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Option files and other tools write these with "_", and modes in capitals.
std::string usual_spelling(std::string text) {
  for (char& c : text) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return text;
}

TlsMode tls_mode(const std::string& value) {
  const std::string name = usual_spelling(value);
  for (const TlsName& known : tls_names)
    if (name == known.name) return known.mode;
  std::vector<std::string> names;
  for (const TlsName& known : tls_names) names.emplace_back(known.name);
  refuse("the parameter ssl-mode has an unknown value", "ssl-mode is one of " + joined(names));
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// A name that looks like none may be a piece of a password.
[[noreturn]] void refuse_parameter(const std::string& name) {
  std::string nearest;
  std::size_t least = 3;
  for (const char* known : parameters)
    if (const std::size_t d = distance(name, known); d < least) least = d, nearest = known;
  std::vector<std::string> names(std::begin(parameters), std::end(parameters));
  const bool is_name = name.size() <= 30 &&
                       std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
  refuse(is_name ? "there is no parameter \"" + name + '"' : std::string("it has an unknown parameter"),
         nearest.empty() ? "the parameters are " + joined(names) : "did you mean \"" + nearest + "\"?");
}

void take_parameter(TargetUri& uri, const std::string& name, const std::string& value) {
  if (name == "socket")
    uri.socket = value;
  else if (name == "ssl-mode")
    uri.tls = tls_mode(value);
  else if (name == "ssl-ca")
    uri.tls_ca = value;
  else if (name == "ssl-cert")
    uri.tls_cert = value;
  else if (name == "ssl-key")
    uri.tls_key = value;
  else if (name == "connect-timeout")
    uri.connect_timeout = number(value, 3600, "parameter connect-timeout");
  else
    refuse_parameter(name);
}

void take_query(TargetUri& uri, std::string_view query) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.empty()) continue;
    const std::size_t equals = one.find('=');
    const std::string name = usual_spelling(decoded(one.substr(0, equals), "query"));
    if (equals == std::string_view::npos) refuse("a parameter has no value");
    take_parameter(uri, name, decoded(one.substr(equals + 1), "query"));
  }
}

void take_address(TargetUri& uri, std::string_view address) {
  std::string_view port;
  if (!address.empty() && address.front() == '[') {
    const std::size_t end = address.find(']');
    if (end == std::string_view::npos) refuse("a [ without ] around the host");
    uri.host = decoded(address.substr(1, end - 1), "host");
    port = address.substr(end + 1);
    if (!port.empty() && port.front() != ':') refuse("something stands between ] and the port");
  } else {
    const std::size_t colon = address.find(':');
    uri.host = decoded(address.substr(0, colon), "host");
    port = colon == std::string_view::npos ? std::string_view() : address.substr(colon);
  }
  if (port.size() > 1) uri.port = number(port.substr(1), 65535, "port");
}

}  // namespace

TargetUri TargetUri::parse(std::string_view text) {
  TargetUri uri;
  const std::size_t scheme = text.find("://");
  const std::string name = usual_spelling(std::string(text.substr(0, std::min(scheme, text.size()))));
  if (scheme == std::string_view::npos || (name != "mariadb" && name != "mysql"))
    refuse("it does not begin with mariadb:// or mysql://");
  std::string_view rest = text.substr(scheme + 3);
  // A password with a raw @, / or ? would be read as host, database or parameter, and be shown as such.
  const std::size_t at = rest.rfind('@', rest.find('?') == std::string_view::npos ? rest.size() : rest.find('?'));
  const std::size_t any_at = rest.find('@');
  if (any_at != std::string_view::npos &&
      (at == std::string_view::npos || any_at != at || rest.find_first_of("/?#") < at))
    refuse("the user name or the password holds a character that must be percent-encoded");
  if (rest.find('#') != std::string_view::npos) refuse("a # must be percent-encoded, as %23");
  if (at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    const std::size_t colon = user.find(':');
    uri.user = decoded(user.substr(0, colon), "user name");
    if (colon != std::string_view::npos) uri.password = decoded(user.substr(colon + 1), "password");
    rest.remove_prefix(at + 1);
  }
  const std::size_t query = rest.find('?');
  if (query != std::string_view::npos) take_query(uri, rest.substr(query + 1));
  rest = rest.substr(0, query);
  const std::size_t slash = rest.find('/');
  take_address(uri, rest.substr(0, slash));
  if (slash != std::string_view::npos) uri.database = decoded(rest.substr(slash + 1), "database");
  return uri;
}

std::string TargetUri::shown_host() const { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

std::string TargetUri::scrubbed(std::string text) const {
  return password ? without(*password, std::move(text)) : text;
}

}  // namespace flux::mariadb
