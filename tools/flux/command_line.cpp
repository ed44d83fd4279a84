#include "command_line.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <flux/core/error.hpp>
#include <flux/core/uri.hpp>
#include <map>

#include "help_text.hpp"
#include "schema/schema_command_line.hpp"

namespace flux::cli {
namespace {

[[noreturn]] void usage_error(std::string message, std::string hint) {
  Failure failure{ErrorCode::usage, std::move(message)};
  failure.hint = std::move(hint);
  throw Error(failure);
}

// A word of the command line as it may be shown: it may be a URI with a password, in the wrong place.
std::string shown(const std::string& word) { return Uri(word).redacted(); }

// A word that is no URI at all was meant otherwise; as the name of a file it would make a new, empty database.
const std::string& checked_uri(const std::string& word) {
  if (word.find_first_of(":=/.") == std::string::npos)
    usage_error(fmt::format("\"{}\" is no database URI", word), "a migration is named with --to ID, a SQLite file with sqlite:FILE");
  return word;
}

std::size_t count_of_migrations(const std::string& text) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0)
    usage_error(fmt::format("\"{}\" is no number of migrations", shown(text)), "N is 1 or more");
  return count;
}

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether `--format json` stands on a command line that may be wrong elsewhere, so that the complaint can be JSON, too.
bool wants_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--format=json" || (word == "--format" && i + 1 < argc && std::string_view(argv[i + 1]) == "json"))
      return true;
  }
  return false;
}

// What the options of apply, rollback and plan are written into.
struct BatchWords {
  std::vector<std::string> target;  // [URI] [N]
  std::optional<std::string> to;
  bool all = false, yes = false, rollback = false, no_sql = false, sync = false;
  bool single_transaction = false, allow_out_of_order = false, no_repeatable = false, forget_missing_undo = false;
  std::optional<std::string> plan_file;  // --out or --plan

  std::optional<std::string> uri() const {
    if (target.empty() || (target.size() == 1 && all_digits(target[0]))) return std::nullopt;
    return checked_uri(target[0]);
  }
  std::optional<std::size_t> count() const {
    if (target.size() > 2) usage_error(fmt::format("there is no place for \"{}\"", shown(target[2])), "give [URI] [N]");
    if (target.size() == 2) return count_of_migrations(target[1]);
    if (target.size() == 1 && all_digits(target[0])) return count_of_migrations(target[0]);
    return std::nullopt;
  }
  // The file says what to run: nothing else may.
  Request request_of_plan(Request kind) const {
    if (count() || to || all || single_transaction || allow_out_of_order || no_repeatable || forget_missing_undo)
      usage_error("--plan runs exactly what the file holds", "leave out the other options; only [URI] can stand beside it");
    return kind;
  }
  Request apply_request() const {
    if (all || no_repeatable || forget_missing_undo)
      usage_error("--all, --no-repeatable and --forget-missing-undo are for a rollback", "add --rollback");
    if (count() && to) usage_error("N and --to exclude each other", "give one of them");
    return ApplyRequest{count(), to, single_transaction, allow_out_of_order};
  }
  Request rollback_request() const {
    const int ways = (count() ? 1 : 0) + (to ? 1 : 0) + (all ? 1 : 0);
    if (ways > 1) usage_error("N, --to and --all exclude each other", "give one of them");
    if (ways == 0)
      usage_error("say how far to roll back", "a number of migrations, --to ID (that one included) or --all");
    if (single_transaction || allow_out_of_order)
      usage_error("--single-transaction and --allow-out-of-order are not for a rollback", "leave them out");
    return RollbackRequest{count(), to, all, no_repeatable, forget_missing_undo};
  }
};

// What `flux resolve` is told to do.
struct ResolveWords {
  bool resume = false, applied = false, not_applied = false, statement_done = false, statement_redo = false;

  void into(ResolveRequest& request) const {
    const int ways = (resume ? 1 : 0) + (applied ? 1 : 0) + (not_applied ? 1 : 0);
    if (ways != 1) usage_error(ways == 0 ? "say how to resolve it" : "--resume, --applied and --not-applied exclude each other",
                               "--resume runs the rest; --applied and --not-applied record where it stands");
    if (statement_done && statement_redo) usage_error("--statement-done and --statement-redo exclude each other", "give one of them");
    if (!resume && (statement_done || statement_redo)) usage_error("--statement-done and --statement-redo go with --resume", "leave them out");
    request.how = resume ? Resolution::resume : applied ? Resolution::applied : Resolution::not_applied;
    if (statement_done || statement_redo) request.doubtful_done = statement_done;
  }
};

// The CLI11 application, and the variables that it writes into.
class CommandLine {
 public:
  // Parsing writes into `invocation`, which must outlive this.
  explicit CommandLine(Invocation& invocation);
  void parse(int argc, const char* const* argv);
  CommandLineSpec spec() const;

 private:
  CLI::App* command(const char* name, const char* group, const char* description, const char* examples);
  CLI::Option* choice(CLI::Option* option, std::vector<std::string> choices);
  void add_global_options();
  void add_starting_commands();
  void add_looking_commands();
  void add_plan();
  void add_apply();
  void add_rollback();
  void add_plan_file(CLI::App* sub);
  void add_mending_commands();
  void add_uri_and_yes(CLI::App* sub);
  void add_schema_commands();
  void add_other_commands();
  void add_target(CLI::App* sub);
  bool is_command(const std::string& name) const;
  [[noreturn]] void explain(const CLI::ParseError& error) const;
  void refuse_unknown_option() const;
  void refuse_missing_argument() const;
  [[noreturn]] void refuse_words(const std::string& message, const std::string& word, const std::vector<std::string>& known) const;
  std::vector<OptionSpec> option_specs(const CLI::App& app) const;

  CLI::App app_{"flux"};
  std::map<const CLI::Option*, std::vector<std::string>> choices_;
  Invocation& invocation_;
  std::optional<std::string> log_level_, uri_, name_;
  std::string format_ = "text";
  BatchWords batch_;
  InitOptions init_;
  NewOptions new_;
  StatusOptions status_;
  CompletionsOptions completions_;
  ResolveOptions resolve_;
  ResolveWords resolution_;
  AcceptOptions accept_;
  LockOptions lock_;
  std::string baseline_id_;
  std::optional<SchemaCommandLine> schema_;
};

CommandLine::CommandLine(Invocation& invocation) : invocation_(invocation) {
  app_.set_help_flag("-h,--help", "show this help");
  app_.set_version_flag("-V,--version", "show the version", "print the version and that of the backend ABI");
  app_.fallthrough();
  app_.require_subcommand(1);
  add_global_options();
  add_starting_commands();
  add_looking_commands();
  add_plan();
  add_apply();
  add_rollback();
  add_mending_commands();
  add_schema_commands();
  add_other_commands();
}

CLI::App* CommandLine::command(const char* name, const char* group, const char* description, const char* examples) {
  return app_.add_subcommand(name, description)->group(group)->footer(examples);
}

CLI::Option* CommandLine::choice(CLI::Option* option, std::vector<std::string> choices) {
  choices_[option] = choices;
  return option->check(CLI::Validator(
      [choices](std::string& given) {
        if (std::find(choices.begin(), choices.end(), given) != choices.end()) return std::string();
        const std::optional<std::string> near = nearest(given, choices);
        return fmt::format("\"{}\" is not one of {}{}", shown(given), CLI::detail::join(choices, ", "),
                           near ? fmt::format(": did you mean {}?", *near) : "");
      },
      "", "choice"));
}

void CommandLine::add_global_options() {
  GlobalOptions& global = invocation_.global;
  app_.add_option("--config", global.config, "the configuration, instead of flux.toml here or in a parent folder")
      ->type_name("FILE");
  app_.add_option("--env", global.environment, "the section [environments.NAME] to use")->type_name("NAME");
  app_.add_option("--backend-dir", global.backend_dir, "a folder to look for backends in first")->type_name("DIR");
  choice(app_.add_option("--format", format_, "how the result is written: text or json")->type_name("FORMAT"),
         {"text", "json"});
  choice(
      app_.add_option("--log-level", log_level_, "what is logged on stderr, instead of the configuration's log_level")
          ->type_name("LEVEL"),
      {"trace", "debug", "info", "warn", "error", "off"});
  app_.add_flag("--no-color", global.no_colour, "no colours");
}

void CommandLine::add_starting_commands() {
  CLI::App* init = command("init", "Start", "write flux.toml and the folder of the migrations",
                           "flux init sqlite\nflux init postgres");
  init->add_option("backend", init_.backend, "the kind of database; can be left out where one backend is installed")
      ->type_name("[BACKEND]");
  init->callback([this] { invocation_.options = init_; });

  CLI::App* create = command("new", "Start", "create the files of the next migration",
                             "flux new \"create users\"\nflux new --post \"refresh views\"");
  create->add_option("name", new_.name, "what it does, in a few words")->type_name("NAME")->required();
  auto* pre = create->add_flag("--pre", new_.pre, "a script that runs before every batch");
  create->add_flag("--post", new_.post, "a script that runs after every batch")->excludes(pre);
  create->add_flag("--no-undo", new_.no_undo, "no undo script");
  create->add_flag("--python", new_.python, "a Python file that returns the script");
  create->callback([this] { invocation_.options = new_; });
}

void CommandLine::add_looking_commands() {
  CLI::App* status = command("status", "Look", "show every migration and where it stands",
                             "flux status\nflux status --check   # exit code 8: something is pending");
  status->add_flag("--check", status_.check, "exit with 8 if anything is pending, with 3 if something is wrong");
  CLI::App* history = command("history", "Look", "show what was applied, when and by whom", "flux history");
  CLI::App* validate =
      command("validate", "Look", "check the migrations against the database, changing nothing", "flux validate");
  for (CLI::App* sub : {status, history, validate})
    sub->add_option("uri", uri_, "the database, instead of the configured one")->type_name("[URI]");
  for (CLI::App* sub : {status, history, validate})
    sub->parse_complete_callback([this] {
      if (uri_) checked_uri(*uri_);
    });
  status->callback([this] {
    status_.uri = uri_;
    invocation_.options = status_;
  });
  history->callback([this] { invocation_.options = HistoryOptions{uri_}; });
  validate->callback([this] { invocation_.options = ValidateOptions{uri_}; });
}

void CommandLine::add_target(CLI::App* sub) {
  sub->add_option("target", batch_.target, "the database, instead of the configured one; and how many migrations")
      ->type_name("[URI] [N]")
      ->expected(0, CLI::detail::expected_max_vector_size);
  sub->add_option("--to", batch_.to, "as far as this migration, that one included")->type_name("ID");
}

void CommandLine::add_plan() {
  CLI::App* plan = command("plan", "Look", "show the steps and scripts that apply or rollback would run",
                           "flux plan\nflux plan 2\nflux plan --rollback --to 20260102_001_orders");
  add_target(plan);
  plan->add_flag("--rollback", batch_.rollback, "what `flux rollback` would do");
  plan->add_flag("--all", batch_.all, "with --rollback: everything");
  plan->add_flag("--sync", batch_.sync, "what `flux sync` would run");
  plan->add_flag("--no-sql", batch_.no_sql, "the steps alone");
  plan->add_option("--out", batch_.plan_file, "write the plan to a file, for `flux apply --plan FILE`")->type_name("FILE");
  plan->add_flag("--allow-out-of-order", batch_.allow_out_of_order, "as for apply");
  plan->add_flag("--single-transaction", batch_.single_transaction, "as for apply");
  plan->add_flag("--no-repeatable", batch_.no_repeatable, "as for rollback");
  plan->add_flag("--forget-missing-undo", batch_.forget_missing_undo, "as for rollback");
  plan->callback([this] {
    if (batch_.sync) {
      if (batch_.count() || batch_.to || batch_.rollback || batch_.all || batch_.plan_file)
        usage_error("--sync is about no migrations", "only [URI] can stand beside it");
      invocation_.options = SyncOptions{batch_.uri(), false, false, false, true};
      return;
    }
    const Request request = batch_.rollback ? batch_.rollback_request() : batch_.apply_request();
    invocation_.options = PlanCommandOptions{batch_.uri(), request, batch_.no_sql, batch_.plan_file};
  });
}

void CommandLine::add_apply() {
  CLI::App* apply =
      command("apply", "Change", "apply what is pending",
              "flux apply\nflux apply --yes   # in a deployment\nflux apply postgresql://localhost/app 1");
  add_target(apply);
  apply->add_flag("-y,--yes,--auto-approve", batch_.yes, "do not ask");
  apply->add_flag("--single-transaction", batch_.single_transaction, "all in one transaction: everything or nothing");
  apply->add_flag("--allow-out-of-order", batch_.allow_out_of_order,
                  "apply those, too, that sort before an applied one");
  add_plan_file(apply);
  apply->callback([this] {
    const Request request = batch_.plan_file ? batch_.request_of_plan(ApplyRequest{}) : batch_.apply_request();
    invocation_.options = BatchOptions{batch_.uri(), request, batch_.yes, batch_.plan_file};
  });
}

void CommandLine::add_rollback() {
  CLI::App* rollback = command("rollback", "Change", "undo the newest migrations: N of them, down to --to ID, or --all",
                               "flux rollback 1\nflux rollback --to 20260102_001_orders\nflux rollback --all");
  add_target(rollback);
  rollback->add_flag("--all", batch_.all, "everything");
  rollback->add_flag("-y,--yes,--auto-approve", batch_.yes, "do not ask");
  rollback->add_flag("--no-repeatable", batch_.no_repeatable, "without pre-apply/ and post-apply/");
  rollback->add_flag("--forget-missing-undo", batch_.forget_missing_undo,
                     "take those without an undo script out of the history, leaving the database as it is");
  add_plan_file(rollback);
  rollback->callback([this] {
    const Request request = batch_.plan_file ? batch_.request_of_plan(RollbackRequest{}) : batch_.rollback_request();
    invocation_.options = BatchOptions{batch_.uri(), request, batch_.yes, batch_.plan_file};
  });
}

void CommandLine::add_plan_file(CLI::App* sub) {
  sub->add_option("--plan", batch_.plan_file, "run exactly what this file of `flux plan --out` holds, without asking, or nothing")
      ->type_name("FILE");
}

void CommandLine::add_mending_commands() {
  CLI::App* resolve = command("resolve", "Mend", "end the interrupted state of a migration",
                              "flux resolve 20260102_001_index --resume\nflux resolve 20260102_001_index --resume --statement-redo\n"
                              "flux resolve 20260102_001_index --applied");
  resolve->add_option("id", resolve_.request.id, "the migration; a repeatable with its folder: post-apply/views")->type_name("ID")->required();
  resolve->add_flag("--resume", resolution_.resume, "run the statements that are left");
  resolve->add_flag("--applied", resolution_.applied, "record it as applied, running nothing");
  resolve->add_flag("--not-applied", resolution_.not_applied, "record it as not applied, running nothing");
  resolve->add_flag("--statement-done", resolution_.statement_done, "with --resume: the statement in doubt is done");
  resolve->add_flag("--statement-redo", resolution_.statement_redo, "with --resume: the statement in doubt is to run again");
  add_uri_and_yes(resolve);
  resolve->callback([this] {
    resolve_.uri = uri_;
    resolve_.yes = batch_.yes;
    resolution_.into(resolve_.request);
    invocation_.options = resolve_;
  });

  CLI::App* accept = command("accept", "Mend", "take changed files of applied migrations as they are now, showing the difference",
                             "flux accept 20260102_001_orders");
  accept->add_option("ids", accept_.ids, "the migrations")->type_name("ID...")->required();
  accept->add_option("--uri", uri_, "the database, instead of the configured one")->type_name("URI");
  accept->add_flag("-y,--yes,--auto-approve", batch_.yes, "do not ask");
  accept->callback([this] { invocation_.options = AcceptOptions{uri_, accept_.ids, batch_.yes}; });

  CLI::App* baseline = command("baseline", "Mend", "record the migrations of a database that has them already as applied, up to one",
                               "flux baseline 20260102_001_orders");
  baseline->add_option("id", baseline_id_, "the last of them")->type_name("ID")->required();
  add_uri_and_yes(baseline);
  baseline->callback([this] { invocation_.options = BaselineOptions{uri_, baseline_id_, batch_.yes}; });

  CLI::App* lock = command("lock", "Mend", "show who holds the migration lock, or end that session", "flux lock\nflux lock --release");
  lock->add_flag("--release", lock_.release, "end the session that holds it; its run commits nothing more");
  add_uri_and_yes(lock);
  lock->callback([this] { invocation_.options = LockOptions{uri_, lock_.release, batch_.yes}; });
}

void CommandLine::add_uri_and_yes(CLI::App* sub) {
  sub->add_option("uri", uri_, "the database, instead of the configured one")->type_name("[URI]");
  sub->add_flag("-y,--yes,--auto-approve", batch_.yes, "do not ask");
  sub->parse_complete_callback([this] {
    if (uri_) checked_uri(*uri_);
  });
}

void CommandLine::add_schema_commands() {
  const auto add = [this](const char* name, const char* description, const char* examples) { return command(name, "Schema", description, examples); };
  schema_.emplace(invocation_, add, [this](CLI::Option* option, std::vector<std::string> choices) { choice(option, std::move(choices)); });
}

void CommandLine::add_other_commands() {
  CLI::App* backends = command("backends", "Other", "show the installed backends, or the keys and abilities of one",
                               "flux backends\nflux backends postgres");
  backends->add_option("name", name_, "a backend")->type_name("[NAME]");
  backends->callback([this] { invocation_.options = BackendsOptions{name_}; });

  CLI::App* completions = command("completions", "Other", "print completions for a shell: bash, zsh or fish",
                                  "source <(flux completions bash)\nflux completions fish | source");
  choice(completions->add_option("shell", completions_.shell, "bash, zsh or fish")->type_name("SHELL")->required(),
         {"bash", "zsh", "fish"});
  completions->callback([this] { invocation_.options = completions_; });

  CLI::App* help = command("help", "Other", "show the help of a command", "flux help apply");
  help->add_option("command", name_, "a command")->type_name("[COMMAND]");
  help->callback([this] {
    if (name_ && !is_command(*name_)) usage_error(fmt::format("unknown command \"{}\"", shown(*name_)), "see `flux --help`");
    invocation_.options = HelpOptions{name_ ? command_help(spec(), *name_) : general_help(spec())};
  });
}

void CommandLine::parse(int argc, const char* const* argv) {
  if (argc <= 1) {
    invocation_.command = "help";
    invocation_.options = HelpOptions{general_help(spec()), true};
    return;
  }
  const auto used = [this] { return app_.get_subcommands().empty() ? "" : app_.get_subcommands().front()->get_name(); };
  app_.parse_complete_callback([this, used] { invocation_.command = used(); });
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const std::string name = used();
    invocation_.options = HelpOptions{name.empty() ? general_help(spec()) : command_help(spec(), name)};
    invocation_.command = "help";
    return;
  } catch (const CLI::CallForVersion&) {
    invocation_.options = VersionOptions{};
    invocation_.command = "version";
    return;
  } catch (const CLI::ParseError& error) {
    invocation_.command = used();
    explain(error);
  } catch (const Error&) {
    // What a command makes of its words may be wrong only because an option before them was not known.
    invocation_.command = used();
    refuse_unknown_option();
    throw;
  }
  invocation_.global.json = format_ == "json";
  if (log_level_) invocation_.global.log_level = parse_log_level(*log_level_);
}

// `known`: what `word` may have been meant as.
void CommandLine::refuse_words(const std::string& message, const std::string& word, const std::vector<std::string>& known) const {
  const auto used = app_.get_subcommands();
  const std::string help = used.empty() ? "flux --help" : fmt::format("flux {} --help", used.front()->get_name());
  const std::optional<std::string> near = nearest(word, known);
  usage_error(message, near ? fmt::format("did you mean {}? See `{}`", *near, help) : fmt::format("see `{}`", help));
}

void CommandLine::refuse_unknown_option() const {
  const auto used = app_.get_subcommands();
  for (const std::string& word : app_.remaining(true)) {
    if (!word.starts_with("-")) continue;
    std::vector<std::string> known;
    for (const CLI::App* app : {used.empty() ? &app_ : used.front(), &app_})
      for (const OptionSpec& option : option_specs(*app)) known.push_back(option.long_name);
    refuse_words(fmt::format("unknown option {}", shown(word)), word.substr(0, word.find('=')), known);
  }
}

void CommandLine::refuse_missing_argument() const {
  const auto used = app_.get_subcommands();
  if (used.empty()) refuse_words("a command is missing", "", {});
  const auto is_missing = [](const CLI::Option* option) { return option->get_positional() && option->get_required() && option->count() == 0; };
  const auto missing = used.front()->get_options(is_missing);
  const CommandLineSpec all = spec();
  const auto command = std::find_if(all.commands.begin(), all.commands.end(), [&](const CommandSpec& c) { return c.name == used.front()->get_name(); });
  if (!missing.empty())
    refuse_words(fmt::format("{} is missing: flux {}", missing.front()->get_type_name(), usage_of(*command)), "", {});
}

// CLI11's own messages name neither the nearest word nor where to look.
void CommandLine::explain(const CLI::ParseError& error) const {
  refuse_unknown_option();
  const std::vector<std::string> rest = app_.remaining(true);
  if (!rest.empty() && app_.get_subcommands().empty()) {
    std::vector<std::string> known;
    for (const CommandSpec& command : spec().commands) known.push_back(command.name);
    refuse_words(fmt::format("unknown command \"{}\"", shown(rest.front())), rest.front(), known);
  }
  if (!rest.empty()) refuse_words(fmt::format("there is no place for \"{}\"", shown(rest.front())), "", {});
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) refuse_missing_argument();
  refuse_words(error.what(), "", {});
}

bool CommandLine::is_command(const std::string& name) const {
  const auto all = app_.get_subcommands([&name](const CLI::App* sub) { return sub->get_name() == name; });
  return !all.empty();
}

std::vector<OptionSpec> CommandLine::option_specs(const CLI::App& app) const {
  std::vector<OptionSpec> specs;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    OptionSpec spec;
    spec.long_name = "--" + option->get_lnames().front();
    for (std::size_t i = 1; i < option->get_lnames().size(); ++i)
      spec.aliases.push_back("--" + option->get_lnames()[i]);
    if (!option->get_snames().empty()) spec.short_name = "-" + option->get_snames().front();
    if (option->get_items_expected_max() > 0) spec.value = option->get_type_name();
    if (const auto found = choices_.find(option); found != choices_.end()) spec.choices = found->second;
    spec.description = option->get_description();
    specs.push_back(std::move(spec));
  }
  return specs;
}

CommandLineSpec CommandLine::spec() const {
  CommandLineSpec out;
  out.options = option_specs(app_);
  for (const CLI::App* sub : app_.get_subcommands([](const CLI::App*) { return true; })) {
    CommandSpec command{sub->get_name(),    sub->get_group(), sub->get_description(), {},
                        option_specs(*sub), sub->get_footer()};
    // --help is an option of every command already.
    std::erase_if(command.options, [](const OptionSpec& option) { return option.long_name == "--help"; });
    for (const CLI::Option* option : sub->get_options()) {
      if (!option->get_positional()) continue;
      const auto found = choices_.find(option);
      command.arguments.push_back({option->get_type_name(),
                                   found == choices_.end() ? std::vector<std::string>() : found->second,
                                   option->get_description()});
    }
    out.commands.push_back(std::move(command));
  }
  return out;
}

}  // namespace

void parse_command_line(int argc, const char* const* argv, Invocation& invocation) {
  invocation.global.json = wants_json(argc, argv);
  CommandLine(invocation).parse(argc, argv);
}

CommandLineSpec command_line_spec() {
  Invocation unused;
  return CommandLine(unused).spec();
}

}  // namespace flux::cli
