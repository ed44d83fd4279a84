// The functions of Backend for schema as code.
#include <fmt/core.h>

#include "backend_state.hpp"

namespace flux {

bool Backend::can_schema() const {
  const auto* table = feature<flux_schema_v1>(FLUX_IFACE_SCHEMA_V1);
  return table != nullptr && FLUX_HAS(table, flux_schema_v1, read_definition);
}

const flux_schema_v1& Backend::schema_table() const {
  if (!can_schema()) throw unsupported("inspect schemas");
  return *feature<flux_schema_v1>(FLUX_IFACE_SCHEMA_V1);
}

Uri Backend::create_shadow(const std::optional<Uri>& server) {
  const flux_schema_v1& table = schema_table();
  if (server && !state_->uri) state_->uri = server;
  const flux_str server_uri = server ? str(server->secret_text()) : flux_str{nullptr, 0};
  const std::vector<std::string> uris = emitted([&](flux_text_fn emit, void* ctx, flux_err* err) {
    return table.create_shadow(state_->instance, server_uri, emit, ctx, err);
  });
  if (uris.size() == 1) return Uri(uris.front());
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("the backend {} made a shadow database and gave {} URIs for it", library_->info().name, uris.size());
  throw Error(std::move(f));
}

void Backend::drop_shadow(const std::optional<Uri>& server, const Uri& shadow) {
  flux_err err;
  const flux_str server_uri = server ? str(server->secret_text()) : flux_str{nullptr, 0};
  state_->check(schema_table().drop_shadow(state_->instance, server_uri, str(shadow.secret_text()), &err), err, ErrorCode::backend);
}

Schema Backend::inspect() {
  struct Facts {
    Schema schema;
    std::exception_ptr thrown;
  } facts;
  const auto take = [](void* ctx, const flux_fact* fact) {
    Facts& into = *static_cast<Facts*>(ctx);
    return kept(into.thrown, [&] { into.schema.add(bridge::cpp_fact(*fact)); });
  };
  flux_err err;
  const flux_status status = schema_table().inspect(state_->instance, take, &facts, &err);
  if (facts.thrown) std::rethrow_exception(facts.thrown);
  state_->check(status, err, ErrorCode::backend);
  return std::move(facts.schema);
}

namespace {

using bridge::CFact;

// Facts as the C table has them.
class CFacts {
 public:
  explicit CFacts(const std::vector<const Fact*>& facts) {
    for (const Fact* fact : facts) {
      facts_.push_back(std::make_unique<CFact>(*fact));
      pointers_.push_back(facts_.back()->get());
    }
  }
  const flux_fact* const* data() const noexcept { return pointers_.data(); }
  std::size_t size() const noexcept { return pointers_.size(); }

 private:
  std::vector<std::unique_ptr<CFact>> facts_;
  std::vector<const flux_fact*> pointers_;
};

SchemaStep step_of(const flux_step& given) {
  const flux_step known = bridge::known(given, flux_step{});
  SchemaStep step;
  step.sql = text(known.sql);
  step.remark = text(known.remark);
  step.hazards = known.hazards;
  step.rebuilds_dependents = (known.flags & FLUX_STEP_REBUILDS_DEPENDENTS) != 0;
  step.commits = (known.flags & FLUX_STEP_COMMITS) != 0;
  return step;
}

}  // namespace

std::optional<std::vector<SchemaStep>> Backend::change(const SchemaChange& change) {
  std::optional<CFact> from, to;
  if (change.from != nullptr) from.emplace(*change.from);
  if (change.to != nullptr) to.emplace(*change.to);
  const CFacts from_parts(change.from_parts), to_parts(change.to_parts), dependents(change.dependents);
  flux_change given{};
  given.struct_size = sizeof given;
  given.flags = (change.online ? unsigned{FLUX_CHANGE_ONLINE} : 0U) | (change.rename ? unsigned{FLUX_CHANGE_RENAME} : 0U) |
                (change.with_parts ? unsigned{FLUX_CHANGE_WITH_PARTS} : 0U);
  given.from = from ? from->get() : nullptr;
  given.to = to ? to->get() : nullptr;
  given.from_parts = from_parts.data();
  given.from_part_count = from_parts.size();
  given.to_parts = to_parts.data();
  given.to_part_count = to_parts.size();
  given.dependents = dependents.data();
  given.dependent_count = dependents.size();
  struct Steps {
    std::vector<SchemaStep> list;
    std::exception_ptr thrown;
  } steps;
  const auto take = [](void* ctx, const flux_step* step) {
    Steps& into = *static_cast<Steps*>(ctx);
    return kept(into.thrown, [&] { into.list.push_back(step_of(*step)); });
  };
  flux_err err;
  const flux_status status = schema_table().change(state_->instance, &given, take, &steps, &err);
  if (steps.thrown) std::rethrow_exception(steps.thrown);
  if (status == FLUX_E_UNSUPPORTED) return std::nullopt;
  state_->check(status, err, ErrorCode::backend);
  return std::move(steps.list);
}

void Backend::load(const Script& file, const TextSpan& statement) {
  flux_err err;
  const flux_status status = schema_table().load(state_->instance, str(file.text().substr(statement.offset, statement.length)), &err);
  if (status != FLUX_OK && err.byte_offset < 0) err.byte_offset = 0;
  if (err.byte_offset >= 0) err.byte_offset += static_cast<std::int64_t>(statement.offset);
  state_->check(status, err, ErrorCode::script, {}, &file);
}

std::vector<std::pair<FactRef, std::string>> Backend::check_loaded() {
  struct Problems {
    std::vector<std::pair<FactRef, std::string>> list;
    std::exception_ptr thrown;
  } problems;
  const auto take = [](void* ctx, const flux_fact_ref* name, flux_str message) {
    Problems& into = *static_cast<Problems*>(ctx);
    static_cast<void>(kept(into.thrown, [&] { into.list.emplace_back(bridge::fact_ref(*name), text(message)); }));
  };
  flux_err err;
  const flux_status status = schema_table().check_loaded(state_->instance, take, &problems, &err);
  if (problems.thrown) std::rethrow_exception(problems.thrown);
  state_->check(status, err, ErrorCode::backend);
  return std::move(problems.list);
}

std::vector<Mention> Backend::read_definition(const Script& file, const TextSpan& statement) {
  struct Mentions {
    std::vector<Mention> list;
    std::exception_ptr thrown;
  } mentions;
  const auto take = [](void* ctx, const flux_mention* given) {
    Mentions& into = *static_cast<Mentions*>(ctx);
    return kept(into.thrown, [&] {
      const flux_mention m = bridge::known(*given, flux_mention{});
      into.list.push_back({static_cast<flux_mention_role>(m.role), text(m.kind), text(m.name), text(m.old_name)});
    });
  };
  flux_err err;
  const flux_status status = schema_table().read_definition(state_->instance, str(file.text().substr(statement.offset, statement.length)), take, &mentions, &err);
  if (mentions.thrown) std::rethrow_exception(mentions.thrown);
  if (status != FLUX_OK && err.byte_offset < 0) err.byte_offset = 0;
  if (err.byte_offset >= 0) err.byte_offset += static_cast<std::int64_t>(statement.offset);
  state_->check(status, err, ErrorCode::script, {}, &file);
  return std::move(mentions.list);
}

}  // namespace flux
