#include "schema_command_line.hpp"

#include <CLI/CLI.hpp>
#include <flux/core/error.hpp>

namespace flux::cli {

SchemaCommandLine::SchemaCommandLine(Invocation& invocation, AddCommand add, Choice choice)
    : invocation_(invocation), add_(std::move(add)), choice_(std::move(choice)) {
  add_inspect();
  add_diff();
  add_generate();
  add_drift();
  add_sync();
  add_verify();
  add_undo();
}

void SchemaCommandLine::add_allow(CLI::App* sub) {
  CLI::Option* allow = sub->add_option("--allow", allow_, "what may be done though it loses something: data-loss");
  // Further words are not its own: the name of a migration stands behind it as well as before it.
  choice_(allow->type_name("HAZARD")->allow_extra_args(false), {"data-loss"});
}

void SchemaCommandLine::add_inspect() {
  CLI::App* sub = add_("inspect", "show the schema of a database as definitions, or write them into a folder",
                       "flux inspect --out schema\nflux inspect --format json > before.json   # a snapshot, for flux diff");
  sub->add_option("uri", inspect_.uri, "the database, instead of the configured one")->type_name("[URI]");
  CLI::Option* out = sub->add_option("--out", inspect_.out, "the folder to write to, a file for each object")->type_name("DIR");
  sub->add_flag("--force", inspect_.force, "replace the definitions in the folder; those of what is gone are removed")->needs(out);
  sub->callback([this] { invocation_.options = inspect_; });
}

void SchemaCommandLine::add_diff() {
  CLI::App* sub = add_("diff", "show the statements that lead from one schema to another",
                       "flux diff migrations schema\nflux diff sqlite:old.db sqlite:new.db\nflux diff before.json postgresql://localhost/app");
  const char* what = "a database URI, a folder or file of definitions, a snapshot (*.json), or the word migrations";
  sub->add_option("from", diff_.from, what)->type_name("FROM")->required();
  sub->add_option("to", diff_.to, "the same")->type_name("TO")->required();
  sub->add_flag("--check", diff_.check, "exit with 8 if they differ");
  sub->add_flag("--online", diff_.online, "the gentle way: few and short locks");
  sub->callback([this] { invocation_.options = diff_; });
}

void SchemaCommandLine::add_generate() {
  CLI::App* sub = add_("generate", "write the migration, and its undo, from what the migrations lead to, to the definitions",
                       "flux generate \"add orders\"\nflux generate --check   # exit code 8: a migration is missing");
  sub->add_option("name", generate_.name, "what it does, in a few words")->type_name("NAME");
  sub->add_flag("--check", generate_.check, "write nothing; exit with 8 if there is something to write");
  sub->add_flag("--online", generate_.online, "the gentle way: few and short locks, in as many migrations as that takes");
  add_allow(sub);
  sub->callback([this] {
    generate_.allow_data_loss = !allow_.empty();
    if (generate_.name.empty() && !generate_.check) {
      Failure failure{ErrorCode::usage, "a name is missing"};
      failure.hint = "say what the migration does: flux generate \"add orders\"";
      throw Error(failure);
    }
    invocation_.options = generate_;
  });
}

void SchemaCommandLine::add_drift() {
  CLI::App* sub = add_("drift", "compare the database with what its history says that it should be", "flux drift   # exit code 8: they differ");
  sub->add_option("uri", drift_.uri, "the database, instead of the configured one")->type_name("[URI]");
  sub->callback([this] { invocation_.options = drift_; });
}

void SchemaCommandLine::add_sync() {
  CLI::App* sub = add_("sync", "bring the database to the definitions, without migrations", "flux plan --sync\nflux sync");
  sub->add_option("uri", sync_.uri, "the database, instead of the configured one")->type_name("[URI]");
  sub->add_flag("-y,--yes,--auto-approve", sync_.yes, "do not ask");
  sub->add_flag("--online", sync_.online, "the gentle way: few and short locks");
  add_allow(sub);
  sub->callback([this] {
    sync_.allow_data_loss = !allow_.empty();
    invocation_.options = sync_;
  });
}

void SchemaCommandLine::add_verify() {
  CLI::App* sub = add_("verify", "prove the undo scripts, in a throw-away database", "flux verify\nflux verify 20260102_001_orders\nflux verify --junit report.xml");
  sub->add_option("ids", verify_.ids, "the migrations; none: all")->type_name("[ID...]");
  sub->add_option("--junit", verify_.junit, "write a report for a CI server")->type_name("FILE");
  sub->callback([this] { invocation_.options = verify_; });
}

void SchemaCommandLine::add_undo() {
  CLI::App* sub = add_("undo", "write the undo script that a migration needs", "flux undo 20260102_001_orders");
  sub->add_option("id", undo_.id, "the migration")->type_name("ID")->required();
  sub->callback([this] { invocation_.options = undo_; });
}

}  // namespace flux::cli
