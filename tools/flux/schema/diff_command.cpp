// flux diff
#include "commands.hpp"
#include "schema/schema_text.hpp"

namespace flux::cli {

Result run(const DiffOptions& options, Session& session) {
  SchemaProject project = session.open_schema({});
  for (const std::string& word : {options.from, options.to}) project.offer_server(word);
  Schema from = project.of_word(options.from).schema;
  const DesiredSchema to = project.of_word(options.to);
  Result result;
  result.warnings = unmodelled_warnings(project.visible(from));
  const SchemaChanges changes = project.compare(std::move(from), to.schema, options.online, annotated(to.definitions));
  add_idle_annotations(to.definitions, changes, result);
  result.text = steps_text(changes.steps);
  result.data = Json{{"differences", differences_json(changes.differences)}, {"steps", steps_json(changes.steps)}};
  if (options.check && !changes.empty()) result.exit_code = 8;
  if (changes.empty() && !session.options().json) session.console().err("there is no difference\n");
  return result;
}

}  // namespace flux::cli
