// What a catalog query has answered.
#pragma once

#include <libpq-fe.h>

#include <cstdlib>
#include <string_view>

namespace flux::postgres::schema {

// One row; valid as long as its result.
class Row {
 public:
  Row(const PGresult* result, int row) : result_(result), row_(row) {}

  // The value of a column, "" for NULL.
  std::string_view operator[](int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }
  bool null(int column) const { return PQgetisnull(result_, row_, column) == 1; }
  bool flag(int column) const { return *PQgetvalue(result_, row_, column) == 't'; }
  // The one character of a "char" column; NUL where it is empty.
  char code(int column) const { return *PQgetvalue(result_, row_, column); }
  int number(int column) const { return std::atoi(PQgetvalue(result_, row_, column)); }
  Oid oid(int column) const { return static_cast<Oid>(std::strtoul(PQgetvalue(result_, row_, column), nullptr, 10)); }

 private:
  const PGresult* result_;
  int row_;
};

// All rows of an answer, to be read in a range for.
class Rows {
 public:
  class Iterator {
   public:
    Iterator(const PGresult* result, int row) : result_(result), row_(row) {}
    Row operator*() const { return {result_, row_}; }
    Iterator& operator++() { return ++row_, *this; }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    const PGresult* result_;
    int row_;
  };

  explicit Rows(const PGresult* result) : result_(result) {}
  Iterator begin() const { return {result_, 0}; }
  Iterator end() const { return {result_, PQntuples(result_)}; }

 private:
  const PGresult* result_;
};

}  // namespace flux::postgres::schema
