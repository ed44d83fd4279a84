// Types, and what is said of values of them.
#include <algorithm>

#include "random_kind.hpp"

namespace flux::testing {
namespace {

struct Type {
  const char* sql;
  char sort;
};
const std::vector<Type> types = {
    {"integer", 'n'},        {"text", 't'},        {"bigint", 'n'},       {"varchar(20)", 't'},
    {"numeric(10,2)", 'n'},  {"boolean", 'b'},     {"timestamptz", 'd'},  {"smallint", 'n'},
    {"date", 'd'},           {"varchar(40)", 't'}, {"integer[]", 'a'},    {"jsonb", 'j'},
    {"uuid", 'u'},           {"text[]", 'a'},      {"numeric", 'n'},      {"double precision", 'n'},
    {"int4range", 'r'},      {"char(5)", 't'},     {"timestamp(3)", 'd'}, {"inet", 'i'},
    {"real", 'n'},           {"bytea", 'o'},       {"interval", 'o'},     {"json", 'j'},
    {"bit varying(8)", 'o'}, {"varchar", 't'},     {"time", 'o'},         {"name", 't'},
    {"\"char\"", 'o'},       {"oid", 'n'},         {"xml", 'o'},          {"point", 'o'},
    {"tsvector", 'o'},       {"daterange", 'o'},   {"regclass", 'o'},     {"numeric(6,1)[]", 'a'}};

const RandomItem* type_item(const RandomItem& column, const RandomSchema& schema) {
  for (const std::string& key : column.uses)
    if (const RandomItem* used = schema.find(key);
        used != nullptr && random_kind(used->kind).names == random_kind("enum").names)
      return used;
  return nullptr;
}

using Words = std::vector<std::string>;

const Words& conditions(char sort) {
  static const std::map<char, Words> all = {
      {'n',
       {"%0 > 0", "%0 BETWEEN 1 AND 1000", "%0 IN (1, 2, 3, 4, 5)", "%0 <> 13 AND %0 < 10000",
        "abs(%0) < 500 OR %0 IS NULL"}},
      {'t',
       {"length(%0) < 30", "%0 <> ''", "%0 IN ('a', 'b', '3')", "%0 ~ '^[a-z0-9]'", "%0 LIKE '%' OR lower(%0) = 'x'"}},
      {'b', {"%0 IS NOT FALSE", "%0", "NOT %0 OR %0 IS NULL"}},
      {'d', {"%0 > '2020-01-01'", "%0 BETWEEN '1999-12-31' AND '2999-12-31'"}},
      {'e', {"%0 <> 'b'", "%0 IN ('a', 'b')", "%0::text <> 'x'", "%0 >= 'a'"}},
      {'a', {"cardinality(%0) < 9", "array_length(%0, 1) < 5", "%0 <> '{}'"}},
      {'r', {"NOT isempty(%0)", "lower(%0) IS NOT NULL"}},
      {'j', {"%0::jsonb <> '1'", "%0 IS NOT NULL"}},
      {'u', {"%0 <> '00000000-0000-0000-0000-000000000000'"}},
      {'i', {"family(%0) = 4"}},
      {'o', {"%0 IS NOT NULL"}}};
  return all.at(sort);
}

const Words& terms(char sort) {
  static const std::map<char, Words> all = {
      {'n', {"(%0 + 1)", "abs(%0)", "(%0 * 2 - 1)", "(CASE WHEN %0 > 1 THEN 1 ELSE 0 END)", "COALESCE(%0, 0)"}},
      {'t', {"lower(%0)", "(%0 || 'x')", "upper(%0)", "substr(%0, 1, 2)", "COALESCE(%0, 'none')"}},
      {'b', {"(NOT %0)"}},
      {'d', {"COALESCE(%0, '2024-01-01')", "(%0 IS NULL)"}},
      {'e', {"(%0 = 'a')", "COALESCE(%0, 'a')"}},
      {'a', {"cardinality(%0)", "(%0[1])"}},
      {'r', {"lower(%0)", "isempty(%0)"}},
      {'j', {"(%0 ->> 'a')", "(%0 IS NULL)"}},
      {'u', {"(%0 IS NULL)"}},
      {'i', {"host(%0)"}},
      {'o', {"(%0 IS NULL)"}}};
  return all.at(sort);
}

const Words& values(char sort) {
  static const std::map<char, Words> all = {
      {'n', {"1", "2", "3", "4", "5"}},
      {'t', {"a", "b", "3", "x y", "zz"}},
      {'b', {"true", "false"}},
      {'d', {"2024-01-01", "2024-02-03", "1999-12-31"}},
      {'e', {"a", "b"}},
      {'a', {"{1,2}", "{3}", "{}"}},
      {'r', {"[1,5)", "[7,9)", "empty"}},
      {'j', {"{\"a\":1}", "[1, 2]", "1"}},
      {'u', {"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"}},
      {'i', {"10.0.0.1", "10.0.0.2"}},
      {'o', {"1", "2"}}};
  return all.at(sort);
}

std::string put(const std::string& text, const std::string& column) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "%0") == 0)
      out += column, ++i;
    else
      out += text[i];
  }
  return out;
}

std::string said(const Words& words, const RandomItem& column, std::size_t which) {
  return put(words[which % words.size()], in_quotes(column.name));
}

}  // namespace

std::string sql_type(const RandomItem& column, const RandomSchema& schema) {
  const RandomItem* used = type_item(column, schema);
  const std::string type = used != nullptr ? sql_name(*used) : types[column.trait("type") % types.size()].sql;
  return type + (used != nullptr && column.trait("array") != 0 ? "[]" : "");
}

char sort_of(const RandomItem& column, const RandomSchema& schema) {
  const RandomItem* used = type_item(column, schema);
  if (used == nullptr) return types[column.trait("type") % types.size()].sort;
  if (column.trait("array") != 0) return 'a';
  if (used->kind == "enum") return 'e';
  if (used->kind == "domain") return sort_of(*used, schema);
  return used->kind == "range" ? 'r' : 'o';
}

std::string random_value(const RandomItem& column, const RandomSchema& schema, std::size_t which) {
  const Words& all = values(sort_of(column, schema));
  return '\'' + all[which % all.size()] + '\'';
}

std::string random_condition(const RandomItem& column, const RandomSchema& schema, std::size_t which) {
  return said(conditions(sort_of(column, schema)), column, which);
}

std::string random_term(const RandomItem& column, const RandomSchema& schema, std::size_t which) {
  return said(terms(sort_of(column, schema)), column, which);
}

}  // namespace flux::testing
