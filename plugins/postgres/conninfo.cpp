#include "conninfo.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <flux/backend.hpp>
#include <memory>

#include "secrets.hpp"

namespace flux::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// "postgresql+asyncpg://..." as "postgresql://...".
std::string without_driver(std::string_view uri) {
  const std::size_t colon = uri.find("://");
  const std::size_t plus = uri.substr(0, colon).find('+');
  if (colon == std::string_view::npos || plus == std::string_view::npos) return std::string(uri);
  const std::string_view scheme = uri.substr(0, plus);
  if (scheme != "postgresql" && scheme != "postgres") return std::string(uri);
  return std::string(scheme).append(uri.substr(colon));
}

// libpq repeats in quotes what it does not understand. That may be a piece of a password, unless it is the
// name of a query parameter.
std::string without_quotations(const std::string& message, const std::string& uri) {
  std::string out;
  const std::size_t at_sign = uri.rfind('@');
  const std::string_view tail = std::string_view(uri).substr(at_sign == std::string::npos ? 0 : at_sign);
  for (std::size_t i = 0; i < message.size();) {
    const std::size_t end = message[i] == '"' ? message.find('"', i + 1) : std::string::npos;
    if (message[i] != '"' || end == std::string::npos) {
      out += message[i++];
      continue;
    }
    const std::string word = message.substr(i + 1, end - i - 1);
    const bool name = std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    const bool parameter =
        tail.find('?' + word + '=') != std::string::npos || tail.find('&' + word + '=') != std::string::npos;
    out += name && parameter ? '"' + word + '"' : std::string("\"...\"");
    i = end + 1;
  }
  return out;
}

[[noreturn]] void refuse(std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  throw BackendError(FLUX_E_CONNECTION, "the database URI is not valid: " + message)
      .hint(
          "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with @ : / ? # % in a password written as %40 %3A %2F %3F "
          "%23 "
          "%25");
}

// A password with a raw @ or / would be read as host or database, and be shown as such.
void check_authority(const std::string& uri) {
  const std::size_t colon = uri.find("://");
  if (colon == std::string::npos) return;
  std::string rest = uri.substr(colon + 3);
  rest =
      rest.substr(0, std::min(rest.find('?', rest.find('@') == std::string::npos ? 0 : rest.find('@')), rest.size()));
  const std::size_t first = rest.find('@');
  if (first == std::string::npos) return;
  if (rest.find('@', first + 1) != std::string::npos || rest.find('/') < first)
    refuse("the user name or the password holds a character that must be percent-encoded");
}

Options parsed(const std::string& uri) {
  char* error = nullptr;
  Options options(PQconninfoParse(uri.c_str(), &error));
  const std::unique_ptr<char, void (*)(void*)> owned(error, &PQfreemem);
  if (!options) refuse(without_quotations(error == nullptr ? "out of memory" : error, uri));
  return options;
}

const char* given(const Options& options, std::string_view name) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (option->keyword == name) return option->val;
  return nullptr;
}

std::string percent_encoded(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '-' || c == '.' || c == '/' || c == ',';
    if (plain)
      out += c;
    else
      out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return out;
}

bool in_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

Conninfo::Conninfo(std::string_view uri) {
  const std::string text = without_driver(uri);
  if (text.find('\0') != std::string::npos) refuse("it holds a NUL byte");
  if (text.find('=') == std::string::npos && text.find("://") == std::string::npos)
    refuse("it is neither a URI nor a list of key=value");
  check_authority(text);
  const Options options = parsed(text);
  if (const char* port = given(options, "port"); port != nullptr)
    if (std::string_view(port).find_first_not_of("0123456789, ") != std::string_view::npos)
      refuse("the port is not a number");

  add("fallback_application_name", "flux");
  // A service file may hold these; what is given here would win over it.
  if (given(options, "service") == nullptr && !in_environment("PGSERVICE")) {
    if (!in_environment("PGCONNECT_TIMEOUT")) add("connect_timeout", "10");
    add("keepalives_idle", "30");
    add("keepalives_interval", "10");
    add("keepalives_count", "3");
    add("tcp_user_timeout", "60000");
  }
  add("dbname", text);
  add("client_encoding", "UTF8");
  for (const char* secret : {"password", "sslpassword"})
    if (const char* value = given(options, secret); value != nullptr) secrets_.emplace_back(value);
}

std::vector<const char*> Conninfo::names() const {
  std::vector<const char*> out;
  for (const auto& parameter : parameters_) out.push_back(parameter.first.c_str());
  out.push_back(nullptr);
  return out;
}

std::vector<const char*> Conninfo::values() const {
  std::vector<const char*> out;
  for (const auto& parameter : parameters_) out.push_back(parameter.second.c_str());
  out.push_back(nullptr);
  return out;
}

std::string with_database(std::string_view uri, std::string_view name) {
  const Options options = parsed(without_driver(uri));
  std::string out = "postgresql:///" + percent_encoded(name);
  char before = '?';
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string_view(option->keyword) == "dbname") continue;
    out += before + std::string(option->keyword) + '=' + percent_encoded(option->val);
    before = '&';
  }
  return out;
}

std::string database_in(std::string_view uri) {
  const Options options = parsed(without_driver(uri));
  const char* name = given(options, "dbname");
  return name == nullptr ? "" : name;
}

std::string Conninfo::scrubbed(std::string text) const {
  for (const std::string& secret : secrets_) text = without(secret, std::move(text));
  return text;
}

}  // namespace flux::postgres
