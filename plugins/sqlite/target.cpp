#include "target.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <system_error>

namespace fs = std::filesystem;

namespace flux::sqlite {
namespace {

constexpr int most_links = 40;
constexpr const char* forms = "write sqlite:FILE, sqlite:///ABSOLUTE/FILE or sqlite::memory:";

BackendError unusable(const std::string& message, const char* hint = forms) {
  return BackendError(FLUX_E_CONNECTION, message).hint(hint);
}

// The scheme of `uri`, or nothing where it is a plain path.
std::optional<std::string_view> scheme_of(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon < 2) return std::nullopt;
  for (std::size_t i = 0; i < colon; ++i) {
    const auto c = static_cast<unsigned char>(uri[i]);
    if (!(std::isalpha(c) != 0 || (i > 0 && (std::isdigit(c) != 0 || c == '+' || c == '-' || c == '.'))))
      return std::nullopt;
  }
  return uri.substr(0, colon);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0)
      throw unusable("the database URI holds a \"%\" that begins no character", "write a \"%\" in a file name as %25");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

OpenMode parse_query(std::string_view query) {
  OpenMode mode = OpenMode::create;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(part.size() == query.size() ? part.size() : part.size() + 1);
    if (part == "mode=ro") {
      mode = OpenMode::read_only;
    } else if (part == "mode=rw") {
      mode = OpenMode::read_write;
    } else if (part == "mode=rwc") {
      mode = OpenMode::create;
    } else {
      throw unusable("the database URI has a parameter that is not known: \"" + std::string(part) + "\"",
                     "known are mode=ro, mode=rw and mode=rwc; write a \"?\" in a file name as %3F");
    }
  }
  return mode;
}

// The one parameter that a database in memory takes.
std::string shared_name(std::string_view query) {
  constexpr std::string_view key = "shared=";
  const std::string_view name = query.substr(0, key.size()) == key ? query.substr(key.size()) : "";
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_plain))
    throw unusable("a database in memory takes no parameters but shared=NAME", "");
  return std::string(name);
}

// The file that `path` is, links followed even where the last one points to nothing yet.
fs::path resolved(fs::path path) {
  for (int i = 0; i < most_links; ++i) {
    std::error_code error;
    const fs::path folder = fs::canonical(path.parent_path(), error);
    if (error)
      throw unusable("the folder " + path.parent_path().string() + " cannot be used: " + error.message(),
                     "the database's folder must exist; Flux makes only the file");
    if (!path.has_filename() || path.filename() == "." || path.filename() == "..") return folder;
    path = folder / path.filename();
    if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
    path = folder / fs::read_symlink(path, error);
  }
  throw unusable("too many symbolic links: " + path.string(), "");
}

// What follows the scheme: the path part of a URI, or ":memory:".
std::string_view path_part(std::string_view rest) {
  if (rest.substr(0, 2) != "//") return rest;
  rest.remove_prefix(2);
  if (rest == ":memory:") return rest;
  if (rest == "/:memory:") return rest.substr(1);
  // Not repeated: meant for another backend, it may hold a password.
  if (rest.empty() || rest.front() != '/')
    throw unusable("what follows \"sqlite://\" would be a server, and SQLite has none");
  return rest;
}

}  // namespace

std::string Target::sqlite_name() const {
  if (!in_memory()) return file;
  return shared.empty() ? ":memory:" : "file:/" + shared + "?vfs=memdb";
}

bool Target::exists() const {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  switch (status.type()) {
    case fs::file_type::regular:
      return true;
    case fs::file_type::not_found:
      return false;
    case fs::file_type::directory:
      throw unusable(file + " is a folder, not a SQLite database", "name a file in it");
    case fs::file_type::none:
      throw unusable(file + " cannot be looked at: " + error.message(), "");
    default:
      throw unusable(file + " is neither a file nor absent", "");
  }
}

void Target::require_writable() const {
  if (mode != OpenMode::read_only && (faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) == 0 || errno == ENOENT))
    return;
  throw not_writable();
}

BackendError Target::not_writable() const {
  return BackendError(FLUX_E_FAILED, file + " cannot be written")
      .hint(mode == OpenMode::read_only ? "the URI says mode=ro"
                                        : "the file is read-only for this user, or lies on a read-only disk");
}

Target parse_target(std::string_view uri, const std::string& base) {
  Target target;
  if (uri == ":memory:") return target;
  std::string path(uri);
  if (const auto scheme = scheme_of(uri)) {
    if (*scheme != "sqlite") throw unusable("\"" + std::string(*scheme) + ":\" is not a SQLite database");
    const std::string_view rest = uri.substr(scheme->size() + 1);
    const std::string_view part = path_part(rest.substr(0, rest.find('?')));
    const std::size_t query = rest.find('?');
    if (part == ":memory:") {
      if (query != std::string_view::npos) target.shared = shared_name(rest.substr(query + 1));
      return target;
    }
    if (query != std::string_view::npos) target.mode = parse_query(rest.substr(query + 1));
    path = percent_decoded(part);
  }
  if (path.empty()) throw unusable("the database URI names no file");
  if (path.find('\0') != std::string::npos) throw unusable("the database URI holds a NUL character", "");
  target.file = resolved(base / fs::path(path)).string();
  return target;
}

}  // namespace flux::sqlite
