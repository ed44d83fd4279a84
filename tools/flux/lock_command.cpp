// flux lock
#include <fmt/core.h>

#include "commands.hpp"
#include "prompt.hpp"
#include "text.hpp"

namespace flux::cli {

Result run(const LockOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const std::optional<std::string> holder = migrator.lock_holder();
  const std::string target = migrator.target();
  const std::string state = holder ? fmt::format("the migration lock of {} is held by {}", visible(target), visible(*holder))
                                   : fmt::format("nobody holds the migration lock of {}", visible(target));
  const bool releases = options.release && holder;
  Console& console = session.console();
  if (releases && !options.yes) {
    if (!console.terminal().interactive) throw nobody_to_ask("end the session that holds the lock", "look at `flux lock`, then add --yes");
    console.err(state + '\n');
    ask(console, "End that session? Its run will commit nothing more.");
  }
  if (releases) {
    const SignalWatch::Running running(session.signals(), [&migrator] { migrator.cancel(); });
    migrator.break_lock(*holder);
  }

  Result result;
  result.text = state + '\n';
  if (releases) result.text += "that session was ended\n";
  result.data = Json{{"target", target}, {"held", holder.has_value() && !releases}, {"holder", holder ? Json(*holder) : Json()}, {"released", releases}};
  return result;
}

}  // namespace flux::cli
