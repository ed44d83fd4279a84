#include "schema/proof_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "failure_text.hpp"
#include "schema/junit.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : visible_lines(text)) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

std::string indented(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
    const std::string line = text.substr(at, end - at + 1);
    out += (line == "\n" ? "" : "    ") + line;
    at = end + 1;
  }
  return out;
}

std::size_t count(const std::vector<Proof>& proofs, ProofOutcome outcome) {
  return static_cast<std::size_t>(std::count_if(proofs.begin(), proofs.end(), [&](const Proof& p) { return p.outcome == outcome; }));
}

}  // namespace

std::string meaning(ProofOutcome outcome) {
  switch (outcome) {
    case ProofOutcome::proven: return "proven";
    case ProofOutcome::no_undo: return "it has no undo script";
    case ProofOutcome::irreversible: return "it is marked as irreversible";
    case ProofOutcome::undo_failed: return "the undo script fails";
    case ProofOutcome::not_restored: return "the undo script does not restore what was there";
    case ProofOutcome::not_repeatable: return "after the undo script it does not lead to the same again";
    case ProofOutcome::up_failed: return "it fails; what comes behind it was not looked at";
  }
  return "";
}

std::string proof_text(const Proof& proof) {
  if (is_good(proof.outcome)) return "";
  std::string out = fmt::format("{}: {}\n", visible(proof.id), meaning(proof.outcome));
  for (const Failure& failure : proof.failures) out += indented(failure_text(failure, std::nullopt, Stream{}));
  if (proof.difference) {
    out += indented(differences_text(proof.difference->differences, proof_sides));
    out += indented("-- what is missing in the script:\n" + steps_text(proof.difference->steps));
  }
  return out + '\n';
}

std::string summary_text(const std::vector<Proof>& proofs) {
  const std::size_t proven = count(proofs, ProofOutcome::proven), none = count(proofs, ProofOutcome::no_undo);
  const std::size_t irreversible = count(proofs, ProofOutcome::irreversible), good = proven + none + irreversible;
  std::string out = fmt::format("proven {} of {}", proven, count_of(proofs.size(), "migration"));
  if (none > 0) out += fmt::format(", {} without an undo script", none);
  if (irreversible > 0) out += fmt::format(", {} irreversible", irreversible);
  if (proofs.size() > good) out += fmt::format(", {} wrong", proofs.size() - good);
  out += '\n';
  if (none == 0) return out;
  out += "without an undo script:\n";
  for (const Proof& proof : proofs)
    if (proof.outcome == ProofOutcome::no_undo) out += fmt::format("  {}\n", visible(proof.id));
  return out;
}

std::string junit_text(const std::vector<Proof>& proofs) {
  std::size_t failed = 0;
  std::string cases;
  for (const Proof& proof : proofs) {
    cases += fmt::format("    <testcase classname=\"flux.verify\" name=\"{}\" time=\"{:.3f}\"", xml(proof.id), static_cast<double>(proof.duration.count()) / 1000);
    if (is_good(proof.outcome) && proof.outcome != ProofOutcome::proven) cases += fmt::format("><skipped message=\"{}\"/></testcase>\n", meaning(proof.outcome));
    else if (is_good(proof.outcome)) cases += "/>\n";
    else {
      ++failed;
      cases += fmt::format("><failure message=\"{}\">{}</failure></testcase>\n", meaning(proof.outcome), xml(proof_text(proof)));
    }
  }
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"flux verify\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n{}  </testsuite>\n</testsuites>\n",
                     proofs.size(), failed, count(proofs, ProofOutcome::no_undo) + count(proofs, ProofOutcome::irreversible), cases);
}

}  // namespace flux::cli
