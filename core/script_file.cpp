#include "script_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <flux/core/source_text.hpp>

namespace flux {
namespace {

std::string cannot_be_read() { return std::string("cannot be read: ") + std::strerror(errno); }

class Descriptor {
 public:
  // Opened without waiting, so that a FIFO or a device cannot hold us up.
  explicit Descriptor(const std::string& file) : value_(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return value_; }

 private:
  int value_;
};

// What is left to read of a file of `expected` bytes, which may grow meanwhile. nullopt: errno says why.
std::optional<std::string_view> read_all(int file, std::size_t expected, TextStore& store) {
  std::size_t room = expected + 1, have = 0;  // one more, so that its end shows at once
  char* text = store.allocate(room);
  while (true) {
    const ssize_t got = ::read(file, text + have, room - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) store.give_back(room, 0);
    if (got < 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
    if (got == 0 || have == expected) break;
    if (have < room) continue;
    const std::size_t more = 2 * room + 4096;
    char* const larger = store.allocate(more);
    std::memcpy(larger, text, have);
    text = larger;
    room = more;
  }
  const std::size_t size = normalise(text, have);
  store.give_back(room, size);
  return std::string_view(text, size);
}

// Adds to the problems of a script.
class Problems {
 public:
  explicit Problems(Script& script) : script_(script) {}

  void add(std::size_t offset, std::string message, std::string hint) {
    Failure f;
    f.code = ErrorCode::directory;
    f.message = std::move(message);
    f.migration_id = script_.id();
    f.where = position_at(script_.file(), script_.text(), offset);
    f.hint = std::move(hint);
    script_.edit().problems.push_back(std::move(f));
  }

 private:
  Script& script_;
};

}  // namespace

std::optional<std::string_view> read_script_file(const std::string& file, TextStore& store, std::string& why) {
  const Descriptor descriptor(file);
  struct stat info {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &info) != 0) {
    why = cannot_be_read();
    return std::nullopt;
  }
  if (!S_ISREG(info.st_mode)) {
    why = S_ISDIR(info.st_mode) ? "is a folder, not a script" : "is not a regular file";
    return std::nullopt;
  }
  const auto text = read_all(descriptor.get(), static_cast<std::size_t>(info.st_size), store);
  if (!text) why = cannot_be_read();
  return text;
}

void look_inside(Script& script, ScriptRole role) {
  Problems problems(script);
  if (const auto bad = first_bad_byte(script.text())) {
    const bool nul = script.text()[*bad] == '\0';
    problems.add(*bad, fmt::format("{} at byte {}", nul ? "a NUL byte" : "invalid UTF-8", *bad), nul ? "remove it" : "save the file as UTF-8");
    script.edit().problems.back().where->line_text.clear();  // it cannot be shown
  }
  std::vector<DirectiveProblem> wrong;
  const Directives directives = parse_directives(script.text(), wrong);
  if (directives != Directives{}) script.edit().directives = directives;
  for (DirectiveProblem& p : wrong) problems.add(p.offset, std::move(p.message), std::move(p.hint));
  // A file of dbmate, goose or sql-migrate holds both scripts: all of it would run.
  for (const char* mark : {"\n-- migrate:down", "\n-- +goose Down", "\n-- +migrate Down"})
    if (const std::size_t at = role == ScriptRole::up ? script.text().find(mark) : std::string::npos; at != std::string::npos)
      problems.add(at + 1, "an up script that holds its undo script as well", fmt::format("move this line and what follows into a file of its own, {}.undo with the same extension", script.id()));
  if (directives.draft) problems.add(0, "it is still a draft", "write it, then remove the line \"-- flux: draft\"");
  if (directives.irreversible && role != ScriptRole::up)
    problems.add(0, "the directive \"irreversible\" belongs into the up script of a migration", "remove it here");
  if (directives.on_change && role != ScriptRole::repeatable)
    problems.add(0, "the directive \"run\" belongs into scripts in pre-apply/ and post-apply/", "remove it here");
}

std::shared_ptr<Script> read_again(const ScriptPtr& script) {
  TextStore store;
  std::string why;
  const auto text = read_script_file(script->file(), store, why);
  if (text && sha256(*text) == script->digest()) return Script::with_text(script, std::string(*text));
  Failure f;
  f.code = ErrorCode::directory;
  f.message = fmt::format("{} {}", script->file(), text ? "has changed since this command began" : why);
  f.where = SourcePosition{script->file(), 0, 0, ""};
  f.hint = "run the command again";
  throw Error(std::move(f));
}

}  // namespace flux
