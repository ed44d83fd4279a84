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

// One script, as it will be hashed and run.
struct Script {
  std::string file;  // as the user would name it; for messages
  std::string text;  // normalised
  std::string hash;  // script_hash(text)
  Directives directives;
  // The text is what a Python file returned: positions are in it, not in the file.
  bool generated = false;
  // What is wrong inside it: it stops a command only if that would run this script.
  std::vector<Failure> problems;
  // Parts of the text that are not run: the BEGIN and the COMMIT around a whole script. By offset.
  std::vector<TextSpan> taken_off = {};
  // How many statements it has; nullopt: not looked at, or the backend cannot tell.
  std::optional<std::size_t> statement_count = {};
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
