// flux accept
#include <fmt/core.h>

#include "commands.hpp"
#include "json.hpp"
#include "prompt.hpp"
#include "text.hpp"
#include "text_diff.hpp"

namespace flux::cli {
namespace {

std::string change_text(const ChangedMigration& changed, const Stream& stream) {
  std::string out = fmt::format("{} (applied on {})\n  {}\n  - {}\n  + {}\n", stream.bold(visible(changed.id)), local_time(changed.applied_at),
                                visible(changed.file), changed.stored_hash, changed.current_hash);
  if (changed.applied_text) return out + text_diff(*changed.applied_text, changed.current_text, stream);
  return out + "  the history does not keep the text that was applied\n";
}

}  // namespace

Result run(const AcceptOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const std::vector<ChangedMigration> changed = migrator.changed(options.ids);
  Console& console = session.console();
  const std::string what = fmt::format("take {} as applied as {} now, running nothing", count_of(changed.size(), "changed file"),
                                       changed.size() == 1 ? "it is" : "they are");
  std::string differences;
  for (const ChangedMigration& one : changed) differences += change_text(one, options.yes ? session.out() : console.terminal().err);
  if (!options.yes) {
    if (!console.terminal().interactive) throw nobody_to_ask(what, "look at the difference on a terminal, or add --yes");
    console.err(differences);
    std::string question = what + '?';
    question[0] = 'T';
    ask(console, question);
  }
  {
    const SignalWatch::Running running(session.signals(), [&migrator] { migrator.cancel(); });
    migrator.accept(changed);
  }

  Result result;
  if (options.yes) result.text = differences;
  result.text += fmt::format("accepted {}\n", count_of(changed.size(), "changed file"));
  Json list = Json::array();
  for (const ChangedMigration& one : changed)
    list.push_back(Json{{"id", one.id},
                        {"file", one.file},
                        {"stored_hash", one.stored_hash},
                        {"current_hash", one.current_hash},
                        {"applied_text", one.applied_text ? Json(*one.applied_text) : Json()},
                        {"current_text", one.current_text}});
  result.data = Json{{"target", migrator.target()}, {"accepted", std::move(list)}};
  return result;
}

}  // namespace flux::cli
