// The PostgreSQL backend as a schema editor.
#include "postgres_backend.hpp"
#include "schema/inspect.hpp"
#include "schema/kind.hpp"
#include "schema/loaded_check.hpp"
#include "schema/read_definition.hpp"
#include "script_run.hpp"

namespace flux::postgres {
namespace {

// As fast as it can, bodies of functions unseen, and messages that the host can read. A user who may not set the
// language has the server's.
constexpr const char* loading_settings =
    "SET synchronous_commit = off; SET check_function_bodies = off; SET client_min_messages = warning; "
    "SET search_path = \"$user\", public; "
    "SELECT pg_catalog.set_config('lc_messages', 'C', false) WHERE pg_catalog.current_setting('is_superuser')::bool";

}  // namespace

schema::ShadowServer& PostgresBackend::shadow_server(const std::optional<std::string>& server_uri) {
  if (!server_uri && uri_.empty()) throw BackendError(FLUX_E_STATE, "not connected");
  const std::string& uri = server_uri ? *server_uri : uri_;
  if (!shadow_server_ || shadow_server_->uri() != uri)
    shadow_server_ = std::make_unique<schema::ShadowServer>(uri, host_);
  return *shadow_server_;
}

std::string PostgresBackend::create_shadow(const std::optional<std::string>& server_uri) {
  const Canceller::Call call(canceller_);
  return shadow_server(server_uri).create();
}

void PostgresBackend::drop_shadow(const std::optional<std::string>& server_uri, const std::string& uri) {
  shadow_server(server_uri).drop(uri);
}

void PostgresBackend::inspect(const std::function<void(const Fact&)>& emit) {
  const Canceller::Call call(canceller_);
  if (!transaction_) rest();
  schema::inspect(target().connection, history_name_, emit);
}

std::optional<std::vector<SchemaStep>> PostgresBackend::change(const SchemaChange& change) {
  const schema::Kind* kind = schema::kind_named((change.from != nullptr ? change.from : change.to)->name.kind);
  return kind == nullptr ? std::nullopt : kind->change(change);
}

void PostgresBackend::load(std::string_view sql) {
  const Canceller::Call call(canceller_);
  Target& to = target();
  if (!loading_) to.connection.run(loading_settings);
  loading_ = true;
  to.session.use();
  ScriptRun(to.connection, sql).run();
}

std::vector<std::pair<FactRef, std::string>> PostgresBackend::check_loaded() {
  const Canceller::Call call(canceller_);
  return schema::check_functions(target().connection);
}

std::vector<Mention> PostgresBackend::read_definition(std::string_view sql) { return schema::read_definition(sql); }

}  // namespace flux::postgres
