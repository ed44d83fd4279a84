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

bool is_interval(std::string_view base) { return base.substr(0, 8) == "interval"; }

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

// Casts that give every value one of its own, where the new type has no modifier.
constexpr Pair exact[] = {{"smallint", "integer"},
                          {"smallint", "bigint"},
                          {"smallint", "numeric"},
                          {"smallint", "real"},
                          {"smallint", "double precision"},
                          {"integer", "bigint"},
                          {"integer", "numeric"},
                          {"integer", "double precision"},
                          {"bigint", "numeric"},
                          {"real", "double precision"},
                          {"boolean", "integer"},
                          {"integer", "money"},
                          {"money", "numeric"},
                          {"oid", "bigint"},
                          {"date", "timestamp without time zone"},
                          {"date", "timestamp with time zone"},
                          {"time without time zone", "time with time zone"},
                          {"time without time zone", "interval"},
                          {"jsonb", "json"},
                          {"cidr", "inet"},
                          {"macaddr", "macaddr8"},
                          {"bit", "bit varying"}};

// The same of casts that fail for a value that the new type does not have.
constexpr Pair exact_or_failing[] = {{"integer", "smallint"}, {"bigint", "smallint"}, {"bigint", "integer"},
                                     {"bigint", "oid"},       {"bigint", "money"},    {"bit", "integer"},
                                     {"bit", "bigint"},       {"bit varying", "bit"}, {"macaddr8", "macaddr"},
                                     {"jsonb", "boolean"},    {"jsonb", "numeric"}};

// Whether text that is read as such a type is either all of a value or an error. So it is with enums and whatever else
// has the name of its schema before its own.
bool reads_exactly(const Type& type) {
  if (type.base.find('.') != std::string::npos) return true;
  return type.length < 0 &&
         is_one_of(type.base,
                   {"smallint",    "integer",   "bigint",    "numeric",  "oid",  "boolean",          "uuid",
                    "json",        "xml",       "bytea",     "inet",     "cidr", "macaddr",          "macaddr8",
                    "bit varying", "int4range", "int8range", "numrange", "text", "character varying"});
}

bool is_time(std::string_view base) { return base.substr(0, 4) == "time" || is_interval(base); }

// Whether the modifier of the new type takes digits away. Of other types it makes a value fail.
bool rounds(const Type& from, const Type& to) {
  if (to.length < 0) return false;
  if (is_time(to.base)) return from.base != "date" && (from.length < 0 || from.length > to.length);
  return to.base == "numeric" && (!is_integer(from.base) || to.scale < 0);
}

bool loses(const Type& from, const Type& to) {
  if (to.base == "bit" && from.base == "integer") return to.length < 32;
  if (to.base == "bit" && from.base == "bigint") return to.length < 64;
  if (is_text(from.base) && is_text(to.base)) return false;
  if (!among(exact, from.base, to.base) && !among(exact_or_failing, from.base, to.base)) return true;
  return rounds(from, to);
}

bool narrows(std::string_view from, std::string_view to) {
  const int a = width(from), b = width(to);
  return a >= 0 && b >= 0 && b < a;
}

bool may_fail(const Type& from, const Type& to) {
  return narrows(from.base, to.base) || among(exact_or_failing, from.base, to.base) ||
         (to.length >= 0 && !is_time(to.base)) || to.base == "money";
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
  const bool time = is_time(from.base);
  out.rewrites = !(wider && grows(from.base));
  out.may_fail = !wider && !time;
  out.loses = !wider && time;
  return out;
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
  if (from.array == to.array && is_interval(from.base) && is_interval(to.base)) {
    // "interval year" keeps years alone.
    out.loses = to.base != "interval" || rounds(from, to);
    return out;
  }
  if (from.array == to.array && ((width(from.base) >= 0 && width(to.base) >= 0) ||
                                 among(assigned, from.base, to.base) || (is_text(from.base) && is_text(to.base)))) {
    out.rewrites = from.array || !among(same_bytes, from.base, to.base);
    out.may_fail = may_fail(from, to);
    out.loses = loses(from, to);
    return out;
  }
  out.may_fail = true;
  const bool direct = from.array == to.array && among(explicit_casts, from.base, to.base);
  const bool straight = direct || (is_text(from.base) && !from.array);
  out.cast = (straight ? "::" : "::text::") + std::string(to_text_);
  out.loses = direct ? loses(from, to) : !reads_exactly(to);
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
