// What the checks have found, as text, JSON or JUnit's XML.
#pragma once

#include <string>
#include <vector>

#include "run.hpp"

namespace flux::check {

struct Report {
  std::string file, reproduce;  // the command without --only
  std::vector<Result> results;
  std::size_t count(Verdict verdict) const;
};

std::string result_text(const Result& result, const Report& report);
std::string summary_text(const Report& report);
std::string json_text(const Report& report);
std::string junit_text(const Report& report);

}  // namespace flux::check
