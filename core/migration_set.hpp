// The migration directory as data.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flux/core/error.hpp>
#include <flux/core/script.hpp>

namespace flux {

// A versioned change. The id lives as long as its scripts.
struct Migration {
  std::string_view id;
  ScriptPtr up;
  ScriptPtr undo;  // null: none, or a blank one
};

enum class Phase { pre_apply, post_apply };

// A script that runs around every batch. The id lives as long as the script.
struct Repeatable {
  std::string_view id;  // with its folder: "post-apply/views"
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
  std::shared_ptr<const void> storage; // what the ids and scripts refer to

  const Migration* find(std::string_view id) const;  // null: not there
};

}  // namespace flux
