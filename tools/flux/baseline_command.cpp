// flux baseline
#include <fmt/core.h>

#include "commands.hpp"
#include "prompt.hpp"
#include "text.hpp"

namespace flux::cli {

Result run(const BaselineOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const std::vector<std::string> ids = migrator.pending_up_to(options.id);
  const std::string target = migrator.target();
  const std::string what = fmt::format("record {} as applied to {}, running nothing", count_of(ids.size(), "migration"), visible(target));
  Console& console = session.console();
  if (!options.yes && !ids.empty()) {
    if (!console.terminal().interactive) throw nobody_to_ask(what, "look at `flux status`, then add --yes");
    for (const std::string& id : ids) console.err(fmt::format("  {}\n", visible(id)));
    std::string question = what + '?';
    question[0] = 'R';
    ask(console, question);
  }
  {
    const SignalWatch::Running running(session.signals(), [&migrator] { migrator.cancel(); });
    migrator.baseline(ids);
  }

  Result result;
  result.text = ids.empty() ? fmt::format("nothing to record: all migrations up to {} are applied\n", visible(options.id))
                            : fmt::format("recorded {} as applied\n", count_of(ids.size(), "migration"));
  result.data = Json{{"target", target}, {"recorded", ids}};
  return result;
}

}  // namespace flux::cli
