#include <flux/core/log.hpp>

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <utility>

namespace flux {
namespace {

// The same order from trace to error; spdlog has one more before off.
spdlog::level::level_enum to_spdlog(LogLevel level) {
  return level == LogLevel::off ? spdlog::level::off : static_cast<spdlog::level::level_enum>(level);
}
static_assert(static_cast<int>(LogLevel::trace) == SPDLOG_LEVEL_TRACE && static_cast<int>(LogLevel::error) == SPDLOG_LEVEL_ERROR);

class CallbackSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  using Callback = std::function<void(LogLevel, std::string_view)>;
  explicit CallbackSink(Callback callback) : callback_(std::move(callback)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    callback_(static_cast<LogLevel>(message.level), std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}
  Callback callback_;
};

}  // namespace

struct Log::Impl {
  Impl(spdlog::sink_ptr sink, LogLevel level) : logger("flux", std::move(sink)) {
    logger.set_level(to_spdlog(level));
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Log::Log(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Log Log::to_stderr(LogLevel level, bool colour) {
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(colour ? spdlog::color_mode::always : spdlog::color_mode::never);
  sink->set_pattern("%^%l%$: %v");
  return Log(std::make_shared<Impl>(std::move(sink), level));
}

Log Log::to(LogLevel level, std::function<void(LogLevel, std::string_view)> sink) {
  return Log(std::make_shared<Impl>(std::make_shared<CallbackSink>(std::move(sink)), level));
}

Log Log::silent() {
  return to(LogLevel::off, [](LogLevel, std::string_view) {});
}

void Log::write(LogLevel level, std::string_view message) const {
  impl_->logger.log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace flux
