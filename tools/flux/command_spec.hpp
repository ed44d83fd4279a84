// The commands and their options as data, for --help and for shell completions.
#pragma once

#include <string>
#include <vector>

namespace flux::cli {

struct OptionSpec {
  std::string long_name;             // "--yes"
  std::string short_name;            // "-y"; empty: none
  std::vector<std::string> aliases;  // "--auto-approve"
  std::string value;                 // what it takes: "FILE"; empty: nothing
  std::vector<std::string> choices;  // the values that it takes, where they are few
  std::string description;
};

struct ArgumentSpec {
  std::string usage;  // "[URI] [N]"
  std::vector<std::string> choices;
  std::string description;
};

struct CommandSpec {
  std::string name, group, description;
  std::vector<ArgumentSpec> arguments;
  std::vector<OptionSpec> options;
  std::string examples;  // one a line
};

struct CommandLineSpec {
  std::vector<CommandSpec> commands;  // in the order of --help, those of one group together
  std::vector<OptionSpec> options;    // of every command
};

}  // namespace flux::cli
