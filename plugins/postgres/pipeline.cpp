#include "pipeline.hpp"

namespace flux::postgres {

Pipeline::Pipeline(Connection& connection) : connection_(connection) {
  connection_.drop_answer();
  // Without blocking: the server may wait until its answers are read before it reads on.
  if (PQsetnonblocking(raw(), 1) != 0 || PQenterPipelineMode(raw()) != 1) throw lost_connection(raw(), nullptr);
}

Pipeline::~Pipeline() {
  drain();
  PQexitPipelineMode(raw());
  PQsetnonblocking(raw(), 0);
}

void Pipeline::send(const std::string& sql, const Parameters& parameters) {
  if (connection_.send_parameters(sql, parameters) != 1) throw lost_connection(raw(), nullptr);
  ++unanswered_;
  drained_ = false;
}

void Pipeline::flush() { PQsendFlushRequest(raw()); }

void Pipeline::end() {
  if (!ended_ && !drained_) PQpipelineSync(raw());
  ended_ = true;
}

// The answer to the end is followed by no NULL.
void Pipeline::drain() {
  end();
  for (; unanswered_ > 0 && PQstatus(raw()) == CONNECTION_OK; --unanswered_)
    while (connection_.next()) {
    }
  if (!drained_ && PQstatus(raw()) == CONNECTION_OK) connection_.next();
  drained_ = true;
}

Result Pipeline::next(bool drop_rows) {
  if (drop_rows) PQsetSingleRowMode(raw());
  Result last;
  while (Result result = connection_.next()) {
    last = std::move(result);
    if (PQstatus(raw()) != CONNECTION_OK) break;
  }
  --unanswered_;
  return last;
}

}  // namespace flux::postgres
