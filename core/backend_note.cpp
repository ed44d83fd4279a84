#include "backend_note.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

#include <flux/backend_abi.h>

// The running program's own header, which the linker names: what this machine is, without asking /proc.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

namespace flux {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);

// Reads a T at `offset`; false at the end of the file.
template <class T>
bool read_at(std::ifstream& stream, std::uint64_t offset, T& into) {
  stream.clear();
  stream.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(stream.read(reinterpret_cast<char*>(&into), sizeof into));
}

std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

// The flux note among the notes of one segment.
std::optional<BackendNote> find_note(std::string_view notes) {
  while (notes.size() >= 12) {
    std::uint32_t name_size = 0, content_size = 0, type = 0;
    std::memcpy(&name_size, notes.data(), 4);
    std::memcpy(&content_size, notes.data() + 4, 4);
    std::memcpy(&type, notes.data() + 8, 4);
    const std::size_t content_at = 12 + padded(name_size);
    if (content_at > notes.size() || content_size > notes.size() - content_at) return std::nullopt;
    const std::string_view owner = notes.substr(12, name_size);
    const std::string_view content = notes.substr(content_at, content_size);
    if (owner == std::string_view(FLUX_NOTE_OWNER, sizeof FLUX_NOTE_OWNER) && type == FLUX_NOTE_TYPE && content_size > 8) {
      BackendNote note;
      std::memcpy(&note.abi_major, content.data(), 4);
      std::memcpy(&note.abi_minor, content.data() + 4, 4);
      note.name = content.substr(8, content.find('\0', 8) - 8);
      return note;
    }
    notes.remove_prefix(std::min(notes.size(), content_at + padded(content_size)));
  }
  return std::nullopt;
}

bool binds_at_once(std::ifstream& stream, const Segment& dynamic) {
  ElfW(Dyn) entry{};
  for (std::uint64_t at = 0; at + sizeof entry <= dynamic.p_filesz; at += sizeof entry) {
    if (!read_at(stream, dynamic.p_offset + at, entry) || entry.d_tag == DT_NULL) return false;
    if (entry.d_tag == DT_BIND_NOW || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_BIND_NOW) != 0)) return true;
  }
  return false;
}

}  // namespace

std::optional<BackendNote> read_backend_note(const std::filesystem::path& file, std::string& problem) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {  // a FIFO would be waited for
    problem = "is not a regular file";
    return std::nullopt;
  }
  const std::uintmax_t file_size = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) {
    problem = "cannot be read";
    return std::nullopt;
  }
  Header header{};
  if (!read_at(stream, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    problem = "is not a shared library";
    return std::nullopt;
  }
  const Header& own = __ehdr_start;
  if (header.e_ident[EI_CLASS] != own.e_ident[EI_CLASS] || header.e_ident[EI_DATA] != own.e_ident[EI_DATA] || header.e_machine != own.e_machine) {
    problem = "was built for another kind of processor";
    return std::nullopt;
  }
  if (header.e_type != ET_DYN || header.e_phentsize != sizeof(Segment)) {
    problem = "is not a shared library";
    return std::nullopt;
  }
  constexpr std::uint64_t most_bytes = 65536;  // far more than all notes of a file
  std::optional<BackendNote> found;
  bool at_once = false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Segment segment{};
    // The loader maps what is not there and dies of SIGBUS when it reads that.
    if (!read_at(stream, header.e_phoff + i * sizeof segment, segment) || segment.p_filesz > file_size ||
        segment.p_offset > file_size - segment.p_filesz) {
      problem = "is cut off";
      return std::nullopt;
    }
    if (segment.p_type == PT_DYNAMIC) at_once = binds_at_once(stream, segment);
    if (found || segment.p_type != PT_NOTE || segment.p_filesz > most_bytes) continue;
    std::string notes(segment.p_filesz, '\0');
    stream.clear();
    stream.seekg(static_cast<std::streamoff>(segment.p_offset));
    if (!stream.read(notes.data(), static_cast<std::streamsize>(notes.size()))) {
      problem = "is cut off";
      return std::nullopt;
    }
    found = find_note(notes);
  }
  if (found) found->binds_at_once = at_once;
  else problem = "is not a flux backend: it has no flux note";
  return found;
}

}  // namespace flux
