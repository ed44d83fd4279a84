// The migration directory as data.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <flux/core/directives.hpp>
#include <flux/core/error.hpp>

namespace flux {

// A part of a text, in bytes.
struct TextSpan {
  std::size_t offset, length;
};

// What a script without a transaction is run in: one statement outside a transaction, or one or more inside.
struct ScriptPart {
  TextSpan text;                // of its statements
  std::size_t first, count;     // its statements, in Script::statements
  bool in_transaction = true;   // with its history row: it cannot be done without being counted
  bool all_or_nothing = true;   // where it fails, nothing of it is done
  bool session_only = false;    // changes nothing but the session, which a script that is resumed needs again
};

// One script, as it will be hashed and run.
struct Script {
  std::string file;  // as the user would name it; for messages
  std::shared_ptr<const std::string> content = std::make_shared<const std::string>();  // of all copies: it may be large
  std::string hash;  // script_hash(text())
  Directives directives;
  // The text is what a Python file returned: positions are in it, not in the file.
  bool generated = false;
  // What is wrong inside it: it stops a command only if that would run this script.
  std::vector<Failure> problems;
  // Parts of the text that are not run: the BEGIN and the COMMIT around a whole script. By offset.
  std::vector<TextSpan> taken_off = {};
  // How many statements it has, without the BEGIN and COMMIT that are its own; nullopt: not looked at, or the backend
  // cannot tell.
  std::optional<std::size_t> statement_count = {};
  // Of a script without a transaction, once looked at: its statements, and what it is run in.
  std::vector<TextSpan> statements = {};
  std::vector<ScriptPart> parts = {};

  const std::string& text() const noexcept { return *content; }  // normalised
};
using ScriptPtr = std::shared_ptr<const Script>;

// A versioned change.
struct Migration {
  std::string id;
  ScriptPtr up;
  ScriptPtr undo;  // null: none, or a blank one
};

enum class Phase { pre_apply, post_apply };

// A script that runs around every batch.
struct Repeatable {
  std::string id;  // with its folder: "post-apply/views"
  Phase phase;
  ScriptPtr script;
};

struct MigrationSet {
  std::string directory;               // as the user would name it
  std::vector<Migration> migrations;   // by id, bytewise
  std::vector<Repeatable> repeatables; // pre-apply first, each by id
  std::vector<Failure> problems;       // of the directory itself: these stop apply, rollback and plan
  std::vector<std::string> warnings;
  std::vector<std::string> unread;     // ids whose file is there but could not be read, in order

  const Migration* find(std::string_view id) const;  // null: not there
};

}  // namespace flux
