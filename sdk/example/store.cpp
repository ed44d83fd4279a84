#include "store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

namespace memo {
namespace {

using Text = std::optional<std::string>;
constexpr const char* kHeader = "memo 1";

[[noreturn]] void fail(flux_status_code code, const std::string& what) {
  throw flux::BackendError(code, what + ": " + std::generic_category().message(errno));
}

// A line is tab-separated fields: \t, \n and \\ stand for themselves, \N for "none".
void put_field(std::string& line, const Text& field) {
  line += '\t';
  if (!field) line += "\\N";
  for (const char c : field.value_or("")) {
    if (c == '\t') {
      line += "\\t";
    } else if (c == '\n') {
      line += "\\n";
    } else if (c == '\\') {
      line += "\\\\";
    } else {
      line += c;
    }
  }
}

std::vector<Text> fields(const std::string& line) {
  std::vector<Text> out{std::string()};
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      out.emplace_back(std::string());
    } else if (line[i] != '\\' || i + 1 == line.size()) {
      if (out.back()) *out.back() += line[i];
    } else if (const char escape = line[++i]; escape == 'N') {
      out.back() = std::nullopt;
    } else {
      *out.back() += escape == 't' ? '\t' : escape == 'n' ? '\n' : '\\';
    }
  }
  return out;
}

// The fields of a row, and of one that was written before flux had the last six.
constexpr std::size_t kHistoryFields = 17, kOldHistoryFields = 11;

std::string history_line(const flux::HistoryRow& row) {
  std::string line = "history";
  for (const Text& field :
       {Text(row.name_space), Text(row.id), Text(row.hash), Text(row.state), row.undo, row.applied_by, row.flux_version,
        Text(std::to_string(row.applied_at_us)), Text(std::to_string(row.duration_ms)),
        Text(std::to_string(row.statements_done)), row.run_id, row.script, row.done_hash, row.note,
        Text(std::to_string(row.statements_started)), Text(std::to_string(row.statements_total))})
    put_field(line, field);
  return line + '\n';
}

flux::HistoryRow history_row(const std::vector<Text>& field) {
  const auto text = [&](std::size_t i) { return field[i].value_or(""); };
  const auto number = [&](std::size_t i) { return std::strtoll(text(i).c_str(), nullptr, 10); };
  flux::HistoryRow row;
  row.name_space = text(1);
  row.id = text(2);
  row.hash = text(3);
  row.state = text(4);
  row.undo = field[5];
  row.applied_by = field[6];
  row.flux_version = field[7];
  row.applied_at_us = number(8);
  row.duration_ms = number(9);
  row.statements_done = number(10);
  if (field.size() == kOldHistoryFields) return row;
  row.run_id = field[11];
  row.script = field[12];
  row.done_hash = field[13];
  row.note = field[14];
  row.statements_started = number(15);
  row.statements_total = number(16);
  return row;
}

// An open file that is written to; closed, whatever happens.
class Output {
 public:
  explicit Output(const std::string& file)
      : file_(file), fd_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (fd_ < 0) fail(FLUX_E_FAILED, "cannot write " + file_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { close(fd_); }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno != EINTR) fail(FLUX_E_FAILED, "cannot write " + file_);
      if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void sync() {
    if (fsync(fd_) != 0) fail(FLUX_E_FAILED, "cannot sync " + file_);
  }

 private:
  std::string file_;
  int fd_;
};

// A rename is on the disk once its folder is.
void sync_folder(const std::string& file) {
  const std::string folder = file.substr(0, file.rfind('/') + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

Store read_store(const std::string& file) {
  Store store;
  if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) return store;
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(FLUX_E_CONNECTION, "cannot read " + file);
  std::string line;
  if (!std::getline(in, line) || line != kHeader)
    throw flux::BackendError(FLUX_E_CONNECTION, file + " is not a memo store");
  while (std::getline(in, line)) {
    const std::vector<Text> field = fields(line);
    if (field.size() == 3 && field[0] == "document") {
      store.documents[field[1].value_or("")] = field[2].value_or("");
    } else if ((field.size() == kHistoryFields || field.size() == kOldHistoryFields) && field[0] == "history") {
      flux::HistoryRow row = history_row(field);
      store.history[{row.name_space, row.id}] = row;
    } else {
      throw flux::BackendError(FLUX_E_CONNECTION, file + " is damaged").detail("in the line: " + line);
    }
  }
  return store;
}

void write_store(const std::string& file, const Store& store, bool sync) {
  std::string text = std::string(kHeader) + '\n';
  for (const auto& [key, value] : store.documents) {
    text += "document";
    put_field(text, key);
    put_field(text, value);
    text += '\n';
  }
  for (const auto& entry : store.history) text += history_line(entry.second);

  const std::string temporary = file + ".new";
  {
    Output out(temporary);
    out.write(text);
    if (sync) out.sync();
  }
  if (std::rename(temporary.c_str(), file.c_str()) != 0) fail(FLUX_E_FAILED, "cannot replace " + file);
  if (sync) sync_folder(file);
}

}  // namespace memo
