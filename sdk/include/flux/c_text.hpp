// flux/c_text.hpp -- texts and structs as they cross the C table; flux/backend.hpp and flux/fact.hpp include it.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <flux/backend_abi.h>

namespace flux::bridge {

// Point to what they are given.
inline flux_str str(std::string_view text) noexcept { return flux_str{text.data(), text.size()}; }
inline flux_str optional_str(const std::optional<std::string>& text) noexcept { return text ? str(*text) : flux_str{nullptr, 0}; }
inline std::string_view view(flux_str text) noexcept { return text.ptr ? std::string_view(text.ptr, text.len) : std::string_view(); }
inline std::optional<std::string> optional(flux_str text) {
  return text.ptr ? std::optional<std::string>(std::in_place, text.ptr, text.len) : std::nullopt;
}
// The host's struct as this header knows it: what its struct_size denies is as in `known`.
template <class Struct>
Struct known(const Struct& given, Struct known) noexcept {
  const std::size_t size = given.struct_size < sizeof known ? given.struct_size : sizeof known;
  std::memcpy(static_cast<void*>(&known), &given, size);
  return known;
}
// Element `index` of an array whose elements are `stride` bytes apart.
template <class Element>
const Element& element(const Element* first, std::size_t index, std::size_t stride) noexcept {
  return *reinterpret_cast<const Element*>(reinterpret_cast<const char*>(first) + index * stride);
}

}  // namespace flux::bridge
