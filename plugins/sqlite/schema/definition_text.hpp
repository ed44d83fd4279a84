// Indexes, views, triggers and virtual tables as text.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "object_text.hpp"

namespace flux::sqlite {

// The columns of a table by its name: folded, and as they are written in SQL; none where it is no table.
using ColumnsOf = std::function<std::map<std::string, std::string>(std::string_view table)>;

struct ObjectText {
  std::string definition{};
  std::string on{};  // the table of an index, the table or view of a trigger: the name alone
  // What it needs besides: tables and views, and of tables the columns; the names as it has them, columns folded.
  std::vector<std::string> tables{};
  std::vector<std::pair<std::string, std::string>> columns{};
};

// `header`: of anything but a table. Throws FLUX_E_SCRIPT where it does not understand it.
ObjectText read_object(const Header& header, const ColumnsOf& columns_of);

}  // namespace flux::sqlite
