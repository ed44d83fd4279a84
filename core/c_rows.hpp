// Texts and history rows as they cross the C table, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <flux/backend_abi.h>
#include <flux/core/history.hpp>

namespace flux {

// Point to what they are given.
flux_str str(std::string_view text) noexcept;
flux_str optional_str(const std::optional<std::string>& text) noexcept;
flux_history_row c_key(std::string_view name_space, std::string_view id) noexcept;
flux_history_row c_row(std::string_view name_space, const HistoryRow& row) noexcept;

// Copies.
std::string text(flux_str s);
std::optional<std::string> optional_text(flux_str s);
// Throws Error{history} for a state that this flux does not know.
HistoryRow row_of(const flux_history_row& given);

}  // namespace flux
