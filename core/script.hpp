// One script, as it will be hashed and run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flux/core/directives.hpp>
#include <flux/core/error.hpp>
#include <flux/core/hash.hpp>

namespace flux {

// A part of a text, in bytes.
struct TextSpan {
  std::size_t offset, length;
};

// What a script without a transaction is run in: one statement outside a transaction, or one or more inside.
struct ScriptPart {
  TextSpan text;                // of its statements
  std::size_t first, count;     // its statements, in Script::statements()
  bool in_transaction = true;   // with its history row: it cannot be done without being counted
  bool all_or_nothing = true;   // where it fails, nothing of it is done
  bool session_only = false;    // changes nothing but the session, which a script that is resumed needs again
};

// What most scripts have nothing of.
struct ScriptDetails {
  Directives directives;
  // The text is what a Python file returned: positions are in it, not in the file.
  bool generated = false;
  // What is wrong inside it: it stops a command only if that would run this script.
  std::vector<Failure> problems;
  // Parts of the text that are not run: the BEGIN and the COMMIT around a whole script. By offset.
  std::vector<TextSpan> taken_off;
  // It runs part by part, not in one transaction: it says so itself, or the backend cannot take back all that it does.
  // Once looked at, its statements and what it is run in.
  bool in_parts = false;
  std::vector<TextSpan> statements;
  std::vector<ScriptPart> parts;
};

// What the files of one kind in one folder have in common: their name is prefix, id, suffix.
struct FileNaming {
  std::string prefix, suffix;
};

class Script;
using ScriptPtr = std::shared_ptr<const Script>;

// Small, for there can be hundreds of thousands: what it refers to lives as long as the MigrationSet that it comes from,
// or a ScriptPtr to it.
class Script {
 public:
  // One that is no part of a MigrationSet. `file` is for messages.
  static std::shared_ptr<Script> make(std::string file, std::string text);
  // A copy to which something can be added.
  static std::shared_ptr<Script> copy(const ScriptPtr& original);
  // A copy of one whose text was left out, with its text.
  static std::shared_ptr<Script> with_text(const ScriptPtr& original, std::string text);

  // `naming`, `id` and `text` must outlive it.
  Script(const FileNaming& naming, std::string_view id) noexcept : name_(id), naming_(&naming) {}
  void set_text(std::string_view text) noexcept { text_ = text; }
  // Leaves the text out. `digest`, the 32 bytes of sha256(text), must outlive the script.
  void leave_out_text(std::string_view digest) noexcept;

  std::string_view id() const noexcept { return name_; }  // of its migration, where it is part of a MigrationSet
  std::string file() const;  // as the user would name it; for messages
  // Normalised. "" where it was left out: an applied file that has not changed is not needed as a rule.
  std::string_view text() const noexcept { return text_left_out_ ? std::string_view() : text_; }
  bool text_left_out() const noexcept { return text_left_out_; }
  Digest digest() const;     // SHA-256 of its text
  std::string hash() const;  // script_hash of its text

  const ScriptDetails& details() const noexcept;
  ScriptDetails& edit();  // the same, to be changed
  const Directives& directives() const noexcept { return details().directives; }
  const std::vector<Failure>& problems() const noexcept { return details().problems; }
  const std::vector<TextSpan>& taken_off() const noexcept { return details().taken_off; }
  const std::vector<TextSpan>& statements() const noexcept { return details().statements; }
  const std::vector<ScriptPart>& parts() const noexcept { return details().parts; }
  bool generated() const noexcept { return details().generated; }
  bool runs_in_parts() const noexcept { return details().in_parts; }

  // How many statements it has, without the BEGIN and COMMIT that are its own; nullopt: not looked at, or the backend
  // cannot tell.
  std::optional<std::size_t> statement_count() const noexcept;
  void set_statement_count(std::size_t count) noexcept;

 private:
  Script(std::string_view file, std::string_view text) noexcept : text_(text), name_(file) {}
  Script(const Script& other);

  static constexpr std::uint32_t unknown = 0xFFFFFFFF;
  std::string_view text_;  // or the 32 bytes of its digest
  std::string_view name_;  // the id, or without naming_ the whole file
  const FileNaming* naming_ = nullptr;
  std::unique_ptr<ScriptDetails> details_;
  std::uint32_t statement_count_ = unknown;
  bool text_left_out_ = false;

 public:
  Script(Script&&) noexcept = default;
};

}  // namespace flux
