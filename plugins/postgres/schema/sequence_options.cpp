#include "sequence_options.hpp"

#include <map>
#include <vector>

#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

struct Bounds {
  const char *min, *max;
};

Bounds bounds(std::string_view type) {
  if (type == "smallint") return {"-32768", "32767"};
  if (type == "integer") return {"-2147483648", "2147483647"};
  return {"-9223372036854775808", "9223372036854775807"};
}

bool descends(std::string_view increment) { return !increment.empty() && increment[0] == '-'; }

// An option's words, and the value that it has where nobody gives it.
struct Usual {
  std::string min, max;
};
Usual usual(std::string_view type, std::string_view increment) {
  if (descends(increment)) return {bounds(type).min, "-1"};
  return {"1", bounds(type).max};
}

void append(std::string& list, const std::string& item) { list += (list.empty() ? "" : " ") + item; }

constexpr std::string_view words[] = {"AS", "INCREMENT BY", "MINVALUE", "MAXVALUE", "START WITH", "CACHE"};

// "INCREMENT BY 2 CYCLE" by its words.
std::map<std::string_view, std::string> parsed(std::string_view text) {
  std::map<std::string_view, std::string> out;
  while (!text.empty()) {
    bool known = false;
    for (const std::string_view word : words) {
      if (text.substr(0, word.size()) != word || text.substr(word.size(), 1) != " ") continue;
      text.remove_prefix(word.size() + 1);
      const std::size_t end = std::min(text.find(' '), text.size());
      out[word] = text.substr(0, end);
      text.remove_prefix(end);
      known = true;
      break;
    }
    if (!known) {
      const std::size_t end = std::min(text.find(' '), text.size());
      out["CYCLE"] = text.substr(0, end);
      text.remove_prefix(end);
    }
    if (!text.empty()) text.remove_prefix(1);
  }
  return out;
}

std::string value(const std::map<std::string_view, std::string>& options, std::string_view word,
                  const std::string& otherwise) {
  const auto found = options.find(word);
  return found == options.end() ? otherwise : found->second;
}

}  // namespace

std::string SequenceOptions::unusual(std::string_view usual_type) const {
  std::string out;
  const Usual expected = usual(type, increment);
  if (type != usual_type) append(out, "AS " + type);
  if (increment != "1") append(out, "INCREMENT BY " + increment);
  if (min != expected.min) append(out, "MINVALUE " + min);
  if (max != expected.max) append(out, "MAXVALUE " + max);
  if (start != (descends(increment) ? max : min)) append(out, "START WITH " + start);
  if (cache != "1") append(out, "CACHE " + cache);
  if (cycle) append(out, "CYCLE");
  return out;
}

std::string reset_options(std::string_view from, std::string_view to, std::string_view type, std::string_view set) {
  const auto before = parsed(from), after = parsed(to);
  const std::string increment = value(after, "INCREMENT BY", "1");
  const Usual expected = usual(type, increment);
  const std::string min = value(after, "MINVALUE", expected.min), max = value(after, "MAXVALUE", expected.max);
  std::string out;
  const auto add = [&](std::string_view word, const std::string& wanted) {
    if (before.count(word) != after.count(word) || value(before, word, "") != value(after, word, ""))
      append(out, std::string(set) + std::string(word) + ' ' + wanted);
  };
  const bool other_bounds = value(before, "AS", "") != value(after, "AS", "") ||
                            descends(value(before, "INCREMENT BY", "1")) != descends(increment);
  add("INCREMENT BY", increment);
  if (other_bounds) {
    append(out, std::string(set) + "MINVALUE " + min);
    append(out, std::string(set) + "MAXVALUE " + max);
  } else {
    add("MINVALUE", min);
    add("MAXVALUE", max);
  }
  const std::string start = value(after, "START WITH", descends(increment) ? max : min);
  if (other_bounds || value(before, "START WITH", "") != value(after, "START WITH", "") ||
      value(before, "MINVALUE", "") != value(after, "MINVALUE", ""))
    append(out, std::string(set) + "START WITH " + start);
  // Where it stands is outside of its bounds then.
  if (descends(value(before, "INCREMENT BY", "1")) != descends(increment)) append(out, "RESTART");
  add("CACHE", value(after, "CACHE", "1"));
  if (before.count("CYCLE") != after.count("CYCLE"))
    append(out, std::string(set) + (after.count("CYCLE") != 0 ? "CYCLE" : "NO CYCLE"));
  return out;
}

std::string usual_sequence_name(std::string_view table, std::string_view column) {
  constexpr std::size_t room = 63 - 5;  // two underlines and "seq"
  std::size_t a = table.size(), b = column.size();
  while (a + b > room) --(a > b ? a : b);
  return shortened(table, a) + '_' + shortened(column, b) + "_seq";
}

}  // namespace flux::postgres::schema
