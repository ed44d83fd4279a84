// A backend whose constructor throws THROWN, which is no flux::BackendError.
#include <flux/backend.hpp>

namespace {

class ThrowingBackend final : public flux::MigrationBackend {
 public:
  ThrowingBackend(flux::Host, const flux::BackendConfig&) { throw THROWN; }
  void connect(std::string_view) override {}
  void disconnect() noexcept override {}
  std::string describe_target() override { return {}; }
  void list_history(std::string_view, std::uint32_t, const std::function<void(const flux::HistoryRow&)>&) override {}
  void initialize() override {}
  void lock(std::int64_t) override {}
  void unlock() override {}
  void begin() override {}
  void commit() override {}
  void rollback() override {}
  void apply(const flux::Script&) override {}
  void register_migration(const flux::HistoryRow&) override {}
  void unregister_migration(std::string_view, std::string_view) override {}
};

}  // namespace

FLUX_REGISTER_BACKEND(ThrowingBackend, BACKEND_NAME, "1.0", "nowhere", 0);
