#include "exported_symbols.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace flux::check {
namespace {

// A T at `offset` of the file's text; zeros where the file ends before.
template <class T>
T at(const std::string& text, std::size_t offset) {
  T out{};
  if (offset <= text.size() && sizeof out <= text.size() - offset) std::memcpy(&out, text.data() + offset, sizeof out);
  return out;
}

bool is_offered(const ElfW(Sym) & symbol) {
  const unsigned binding = symbol.st_info >> 4U;
  const unsigned visibility = symbol.st_other & 3U;
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS && binding != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

}  // namespace

std::vector<std::string> exported_symbols(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto header = at<ElfW(Ehdr)>(text, 0);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const auto section = at<ElfW(Shdr)>(text, header.e_shoff + i * sizeof(ElfW(Shdr)));
    if (section.sh_type != SHT_DYNSYM) continue;
    const auto names = at<ElfW(Shdr)>(text, header.e_shoff + section.sh_link * sizeof(ElfW(Shdr)));
    for (std::size_t offset = 0; offset + sizeof(ElfW(Sym)) <= section.sh_size; offset += sizeof(ElfW(Sym))) {
      const auto symbol = at<ElfW(Sym)>(text, section.sh_offset + offset);
      const std::size_t name = names.sh_offset + symbol.st_name;
      if (is_offered(symbol) && name < text.size()) out.emplace_back(text.c_str() + name);
    }
  }
  return out;
}

}  // namespace flux::check
