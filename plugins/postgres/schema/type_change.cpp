#include "type_change.hpp"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <iterator>

namespace flux::postgres::schema {
namespace {

// "numeric(10,2)[]": its base, its modifier and its dimension.
struct Type {
  std::string base;
  int length = -1, scale = 0;  // -1: none
  bool array = false;
};

Type parsed(std::string_view text) {
  Type out;
  if (text.size() > 2 && text.substr(text.size() - 2) == "[]") {
    out.array = true;
    text.remove_suffix(2);
  }
  // "timestamp(3) with time zone" has its modifier in the middle; a quoted name may hold anything.
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || text.find('"') != std::string_view::npos) {
    out.base = text;
    return out;
  }
  const std::size_t close = text.find(')', open);
  const std::string modifier(text.substr(open + 1, close - open - 1));
  out.base = std::string(text.substr(0, open)) + std::string(text.substr(close + 1));
  out.length = std::atoi(modifier.c_str());
  if (const std::size_t comma = modifier.find(','); comma != std::string::npos)
    out.scale = std::atoi(modifier.c_str() + comma + 1);
  return out;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> options) {
  return std::find(options.begin(), options.end(), word) != options.end();
}

bool is_text(std::string_view type) { return is_one_of(type, {"text", "character varying", "character", "bpchar"}); }

constexpr std::string_view integers[] = {"smallint", "integer", "bigint"};
constexpr std::string_view numbers[] = {"smallint", "integer", "bigint", "numeric", "real", "double precision"};

// How wide a number is; -1: it is none.
int width(std::string_view type) {
  const auto found = std::find(std::begin(numbers), std::end(numbers), type);
  return found == std::end(numbers) ? -1 : static_cast<int>(found - std::begin(numbers));
}

bool is_integer(std::string_view type) {
  return std::find(std::begin(integers), std::end(integers), type) != std::end(integers);
}

struct Pair {
  std::string_view from, to;
};

// Casts on assignment, besides those between numbers and to text.
constexpr Pair assigned[] = {{"date", "timestamp without time zone"},
                             {"date", "timestamp with time zone"},
                             {"timestamp without time zone", "date"},
                             {"timestamp with time zone", "date"},
                             {"timestamp without time zone", "timestamp with time zone"},
                             {"timestamp with time zone", "timestamp without time zone"},
                             {"timestamp without time zone", "time without time zone"},
                             {"timestamp with time zone", "time without time zone"},
                             {"timestamp with time zone", "time with time zone"},
                             {"time without time zone", "time with time zone"},
                             {"time with time zone", "time without time zone"},
                             {"time without time zone", "interval"},
                             {"interval", "time without time zone"},
                             {"json", "jsonb"},
                             {"jsonb", "json"},
                             {"cidr", "inet"},
                             {"inet", "cidr"},
                             {"macaddr", "macaddr8"},
                             {"macaddr8", "macaddr"},
                             {"bit", "bit varying"},
                             {"bit varying", "bit"},
                             {"numeric", "money"},
                             {"integer", "money"},
                             {"bigint", "money"},
                             {"money", "numeric"},
                             {"smallint", "oid"},
                             {"integer", "oid"},
                             {"bigint", "oid"},
                             {"oid", "integer"},
                             {"oid", "bigint"}};

// Casts that must be asked for, but need no way through text.
constexpr Pair explicit_casts[] = {
    {"integer", "boolean"},       {"boolean", "integer"}, {"integer", "bit"},   {"bigint", "bit"},
    {"bit", "integer"},           {"bit", "bigint"},      {"jsonb", "boolean"}, {"jsonb", "smallint"},
    {"jsonb", "integer"},         {"jsonb", "bigint"},    {"jsonb", "numeric"}, {"jsonb", "real"},
    {"jsonb", "double precision"}};

// What keeps every value as its bytes are.
constexpr Pair same_bytes[] = {{"cidr", "inet"},
                               {"character varying", "text"},
                               {"text", "character varying"},
                               {"integer", "oid"},
                               {"oid", "integer"},
                               {"xml", "text"},
                               {"xml", "character varying"},
                               {"bpchar", "text"}};

template <std::size_t N>
bool among(const Pair (&pairs)[N], std::string_view from, std::string_view to) {
  return std::any_of(std::begin(pairs), std::end(pairs), [&](const Pair& p) { return p.from == from && p.to == to; });
}

// Types whose modifier can grow without a look at the rows.
bool grows(std::string_view base) {
  return is_one_of(base, {"character varying", "bit varying", "timestamp without time zone", "timestamp with time zone",
                          "time without time zone", "time with time zone", "interval"});
}

// Only the modifier differs.
TypeChange modified(const Type& from, const Type& to) {
  TypeChange out;
  const bool wider = to.length < 0 || (from.length >= 0 && to.length >= from.length);
  if (from.base == "numeric") {
    out.rewrites = to.length >= 0 && (from.length < 0 || to.length < from.length || to.scale != from.scale);
    // Digits before the point fail, those behind it are rounded away.
    out.may_fail = to.length >= 0 && (from.length < 0 || to.length - to.scale < from.length - from.scale);
    out.loses = to.length >= 0 && (from.length < 0 || to.scale < from.scale);
    return out;
  }
  const bool time = from.base.find("time") != std::string::npos || from.base == "interval";
  out.rewrites = !(wider && grows(from.base));
  out.may_fail = !wider && !time;
  out.loses = !wider && time;
  return out;
}

bool narrows(std::string_view from, std::string_view to) {
  const int a = width(from), b = width(to);
  return a >= 0 && b >= 0 && b < a;
}

TypeChange to_text(const Type& from, const Type& to) {
  TypeChange out;
  const bool same = from.base == to.base || among(same_bytes, from.base, to.base);
  out.rewrites = !same || to.length >= 0 || from.array;
  out.may_fail = to.length >= 0;
  return out;
}

}  // namespace

TypeChange type_change(std::string_view from_text, std::string_view to_text_) {
  const Type from = parsed(from_text), to = parsed(to_text_);
  TypeChange out;
  if (from_text == to_text_) {
    out.rewrites = false;
    return out;
  }
  if (from.array == to.array && from.base == to.base) return modified(from, to);
  if (is_text(to.base) && !to.array) return to_text(from, to);
  if (from.array == to.array && ((width(from.base) >= 0 && width(to.base) >= 0) ||
                                 among(assigned, from.base, to.base) || (is_text(from.base) && is_text(to.base)))) {
    out.rewrites = from.array || !among(same_bytes, from.base, to.base);
    out.may_fail = narrows(from.base, to.base) || to.length >= 0 || (from.base == "inet" && to.base == "cidr");
    out.loses = (width(from.base) >= 3 && (is_integer(to.base) || to.base != "double precision")) ||
                to.base == "date" || to.base.substr(0, 5) == "time ";
    return out;
  }
  out.may_fail = true;
  const bool straight =
      (is_text(from.base) && !from.array) || (from.array == to.array && among(explicit_casts, from.base, to.base));
  out.cast = (straight ? "::" : "::text::") + std::string(to_text_);
  return out;
}

const char* usual_storage(std::string_view type) {
  const Type parsed_type = parsed(type);
  if (parsed_type.array) return "EXTENDED";
  if (is_one_of(parsed_type.base, {"numeric", "inet", "cidr"})) return "MAIN";
  if (width(parsed_type.base) >= 0) return "PLAIN";
  return "EXTENDED";
}

bool may_be_volatile(std::string_view expression) {
  constexpr std::string_view stable[] = {"now",
                                         "statement_timestamp",
                                         "transaction_timestamp",
                                         "lower",
                                         "upper",
                                         "md5",
                                         "to_char",
                                         "date_trunc",
                                         "concat",
                                         "numeric",
                                         "varchar",
                                         "timestamp",
                                         "time",
                                         "interval",
                                         "char",
                                         "bit",
                                         "varying",
                                         "character"};
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] == '\'') {
      const std::size_t end = expression.find('\'', i + 1);
      if (end == std::string_view::npos) return true;
      i = end;
      continue;
    }
    if (expression[i] != '(' || i == 0) continue;
    std::size_t begin = i;
    const auto in_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
             c == '"';
    };
    while (begin > 0 && in_name(expression[begin - 1])) --begin;
    const std::string_view name = expression.substr(begin, i - begin);
    if (!name.empty() && std::find(std::begin(stable), std::end(stable), name) == std::end(stable)) return true;
  }
  return false;
}

}  // namespace flux::postgres::schema
