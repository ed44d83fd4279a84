#include "backend_config.hpp"

namespace flux {
namespace {

flux_str str(const std::string& text) { return {text.data(), text.size()}; }

}  // namespace

BackendConfigTable::BackendConfigTable(const std::vector<BackendSetting>& settings) {
  lists_.reserve(settings.size());  // items_ points into them
  for (const BackendSetting& setting : settings) {
    flux_kv item{};
    item.key = str(setting.key);
    item.value.type = static_cast<std::uint32_t>(setting.value.index() + 1);  // the order of BackendValue is that of flux_value_type
    if (const auto* s = std::get_if<std::string>(&setting.value)) item.value.u.s = str(*s);
    if (const auto* i = std::get_if<std::int64_t>(&setting.value)) item.value.u.i = *i;
    if (const auto* f = std::get_if<double>(&setting.value)) item.value.u.f = *f;
    if (const auto* b = std::get_if<bool>(&setting.value)) item.value.u.b = *b ? 1 : 0;
    if (const auto* list = std::get_if<std::vector<std::string>>(&setting.value)) {
      std::vector<flux_str>& strings = lists_.emplace_back();
      for (const std::string& s : *list) strings.push_back(str(s));
      item.value.u.list = {strings.data(), strings.size()};
    }
    items_.push_back(item);
  }
  config_ = {sizeof config_, sizeof(flux_kv), items_.data(), items_.size()};
}

}  // namespace flux
