// What the file says before any of its code runs.
#include <flux/core/backend_note.hpp>

#include "check.hpp"
#include "exported_symbols.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

BackendNote note_of(const Scene& scene) {
  std::string problem;
  const auto note = read_backend_note(scene.subject().file, problem);
  if (!note) fail("an ELF note with owner \"" FLUX_NOTE_OWNER "\" in .note.flux.backend", "the file " + problem);
  return *note;
}

void one_export(Scene& scene) {
  const std::vector<std::string> symbols = exported_symbols(scene.subject().file);
  const bool one = symbols.size() == 1 && symbols[0] == FLUX_ENTRY_SYMBOL;
  expect(one, "the one exported symbol " FLUX_ENTRY_SYMBOL, fmt::format("{}", fmt::join(symbols, ", ")));
}

void note_present(Scene& scene) {
  const BackendNote note = note_of(scene);
  expect(note.abi_major == FLUX_ABI_MAJOR, fmt::format("ABI major {} in the note", FLUX_ABI_MAJOR),
         std::to_string(note.abi_major));
}

void note_equals_table(Scene& scene) {
  const BackendNote note = note_of(scene);
  const flux_backend_api& api = scene.subject().api;
  const std::string name = api.name != nullptr ? api.name : "";
  expect(note.name == name && note.abi_minor == api.abi_minor,
         fmt::format("the note's name and ABI minor in the table: {}, {}", note.name, note.abi_minor),
         fmt::format("{}, {}", name, api.abi_minor));
}

void file_name(Scene& scene) {
  const std::string want = "libflux_backend_" + note_of(scene).name + ".so";
  const std::string name = scene.subject().file.filename();
  expect(name == want, "a file called " + want + ", as the note says", name);
}

}  // namespace

std::vector<Check> file_checks() {
  return {
      {"one-export", "Rules: one exported symbol, flux_backend_entry_v1", 0, one_export},
      {"note-present", "the ELF note: section .note.flux.backend with this ABI's major version", 0, note_present},
      {"note-equals-table", "the ELF note: ABI minor and name are those of the table", 0, note_equals_table},
      {"file-name", "flux_backend_api.name: as in the file's name and the ELF note", 0, file_name},
  };
}

}  // namespace flux::check
