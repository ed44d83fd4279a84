// Where the body of a stored program, or a compound statement, ends.
#pragma once

#include <string>
#include <vector>

namespace flux::mariadb {

// Told of each token of one statement, it says whether a semicolon now is one within it.
class CompoundBody {
 public:
  // `word`: as in Words. `next`: the one behind it, "" where there is none.
  void take(const std::string& word, const std::string& next);
  bool is_open() const { return !blocks_.empty(); }

 private:
  enum class Where { beginning, plain, header, body };
  enum class Block { begin, branch, loop, case_statement, case_expression };

  void take_first(const std::string& word);
  bool take_header(const std::string& word, const std::string& next);
  void take_body(const std::string& word);
  bool open(const std::string& word, bool at_start);
  void close();

  Where where_ = Where::beginning;
  std::string first_, object_, before_, before_that_;
  std::size_t count_ = 0;
  int parentheses_ = 0;
  bool at_start_ = false;    // of a statement within the body
  bool behind_end_ = false;  // END IF and the like
  std::vector<Block> blocks_;
};

}  // namespace flux::mariadb
