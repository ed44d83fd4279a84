#include "foreign_options.hpp"

#include <map>

namespace flux::postgres::schema {
namespace {

// Where `wanted` stands outside of quotes; the end where it does not.
std::size_t find_bare(std::string_view text, char wanted) {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0')
      quote = text[i] == quote ? '\0' : quote;
    else if (text[i] == wanted)
      return i;
    else if (text[i] == '\'' || text[i] == '"')
      quote = text[i];
  }
  return text.size();
}

std::map<std::string, std::string> parsed(std::string_view options) {
  std::map<std::string, std::string> out;
  while (!options.empty()) {
    const std::size_t end = find_bare(options, ',');
    const std::string_view one = options.substr(0, end);
    const std::size_t blank = find_bare(one, ' ');
    out.emplace(one.substr(0, blank), one.substr(blank + 1));
    options.remove_prefix(end == options.size() ? end : end + 2);
  }
  return out;
}

}  // namespace

std::string foreign_options_sql(const std::string& array, OptionsOf of) {
  // Nobody lists the options of all wrappers: of what people log in with, all but the name is taken for a secret. A
  // switch is none, whatever it is called.
  const std::string named = of == OptionsOf::user_mapping
                                ? "o.option_name NOT IN ('user', 'username')"
                                : "o.option_name ~* 'secret|key|pass|pwd|token|cred|dsn|connection|auth'";
  const std::string secret =
      "(" + named + " AND pg_catalog.lower(o.option_value) NOT IN ('true', 'false', 'on', 'off'))";
  const auto all = [&](const std::string& what) {
    return "(SELECT " + what + " FROM pg_catalog.pg_options_to_table(" + array + ") o)";
  };
  return all("pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' ' || CASE WHEN " + secret +
             " THEN '''hidden''' ELSE pg_catalog.quote_literal(o.option_value) END, ', ' ORDER BY o.option_name)") +
         ", " + all("pg_catalog.bool_or(" + secret + ")");
}

std::string options_clause(std::string_view options) {
  return options.empty() ? std::string() : " OPTIONS (" + std::string(options) + ')';
}

std::string options_clause(std::string_view from, std::string_view to) {
  std::string list;
  const auto append = [&](const std::string& item) { list += (list.empty() ? "" : ", ") + item; };
  const auto before = parsed(from), after = parsed(to);
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end())
      append("ADD " + name + ' ' + value);
    else if (old->second != value)
      append("SET " + name + ' ' + value);
  }
  for (const auto& [name, value] : before)
    if (after.count(name) == 0) append("DROP " + name);
  return options_clause(list);
}

}  // namespace flux::postgres::schema
