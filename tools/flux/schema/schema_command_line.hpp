// The commands of schema as code on the command line.
#pragma once

#include <functional>

#include "options.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace flux::cli {

// Adds them. What is parsed is written into `invocation`; both must outlive the parsing.
class SchemaCommandLine {
 public:
  // Adds a command to the application: name, description, examples.
  using AddCommand = std::function<CLI::App*(const char* name, const char* description, const char* examples)>;
  // Restricts an option to some words.
  using Choice = std::function<void(CLI::Option* option, std::vector<std::string> choices)>;

  SchemaCommandLine(Invocation& invocation, AddCommand add, Choice choice);

 private:
  void add_inspect();
  void add_diff();
  void add_generate();
  void add_drift();
  void add_sync();
  void add_verify();
  void add_undo();
  void add_allow(CLI::App* sub);

  Invocation& invocation_;
  AddCommand add_;
  Choice choice_;
  InspectOptions inspect_;
  DiffOptions diff_;
  GenerateOptions generate_;
  DriftOptions drift_;
  SyncOptions sync_;
  VerifyOptions verify_;
  UndoOptions undo_;
  std::vector<std::string> allow_;
};

}  // namespace flux::cli
