// flux verify
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <flux/core/schema/verify_migrations.hpp>
#include <fstream>

#include "commands.hpp"
#include "json.hpp"
#include "schema/junit.hpp"
#include "schema/proof_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

Json proof_json(const Proof& proof) {
  Json json{{"id", proof.id}, {"outcome", name(proof.outcome)}, {"duration_ms", proof.duration.count()}, {"errors", to_json(proof.failures)}};
  json["differences"] = proof.difference ? differences_json(proof.difference->differences, proof_sides) : Json::array();
  json["steps"] = proof.difference ? steps_json(proof.difference->steps) : Json::array();
  return json;
}

void write_report(const std::string& file, const std::vector<Proof>& proofs) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << junit_text(proofs);
  out.close();
  if (!out) throw Error(Failure{ErrorCode::config, fmt::format("cannot write {}", file)});
}

}  // namespace

Result run(const VerifyOptions& options, Session& session) {
  SchemaProject project = session.open_schema({});
  std::atomic<bool> cancelled = false;
  VerifyRequest request;
  request.ids = options.ids;
  request.cancelled = [&cancelled] { return cancelled.load(); };
  request.observer = [&session](const Proof& proof, std::size_t done, std::size_t count) {
    if (!session.options().json) session.console().progress(fmt::format("[{}/{}] {}", done, count, visible(proof.id)));
  };
  std::vector<Proof> proofs;
  {
    const SignalWatch::Running running(session.signals(), [&cancelled] { cancelled = true; });
    proofs = verify_migrations(project, request);
    session.console().progress("");
  }
  if (cancelled) throw Error(Failure{ErrorCode::cancelled, fmt::format("stopped after {}", count_of(proofs.size(), "migration"))});
  if (options.junit) write_report(*options.junit, proofs);

  const auto bad = static_cast<std::size_t>(std::count_if(proofs.begin(), proofs.end(), [](const Proof& p) { return !is_good(p.outcome); }));
  Result result;
  result.exit_code = bad == 0 ? 0 : 1;
  for (const Proof& proof : proofs) result.text += proof_text(proof);
  result.text += summary_text(proofs);
  Json list = Json::array();
  for (const Proof& proof : proofs) list.push_back(proof_json(proof));
  result.data = Json{{"verified", proofs.size()}, {"failed", bad}, {"migrations", std::move(list)}};
  return result;
}

}  // namespace flux::cli
