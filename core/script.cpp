#include <flux/core/script.hpp>

#include <algorithm>
#include <cstring>

namespace flux {

std::shared_ptr<Script> Script::make(std::string file, std::string text) {
  struct Whole {
    std::string file, text;
    Script script;
    Whole(std::string f, std::string t) : file(std::move(f)), text(std::move(t)), script(file, text) {}
  };
  const auto whole = std::make_shared<Whole>(std::move(file), std::move(text));
  return {whole, &whole->script};
}

std::shared_ptr<Script> Script::copy(const ScriptPtr& original) {
  struct Copy {
    ScriptPtr original;
    Script script;
    explicit Copy(const ScriptPtr& o) : original(o), script(*o) {}
  };
  const auto copy = std::make_shared<Copy>(original);
  return {copy, &copy->script};
}

std::shared_ptr<Script> Script::with_text(const ScriptPtr& original, std::string text) {
  std::shared_ptr<Script> script = make(original->file(), std::move(text));
  if (original->details_) script->edit() = *original->details_;
  script->statement_count_ = original->statement_count_;
  return script;
}

Script::Script(const Script& other)
    : text_(other.text_),
      name_(other.name_),
      naming_(other.naming_),
      details_(other.details_ ? std::make_unique<ScriptDetails>(*other.details_) : nullptr),
      statement_count_(other.statement_count_),
      text_left_out_(other.text_left_out_) {}

void Script::leave_out_text(std::string_view digest) noexcept {
  text_ = digest;
  text_left_out_ = true;
}

std::string Script::file() const {
  if (naming_ == nullptr) return std::string(name_);
  std::string file;
  file.reserve(naming_->prefix.size() + name_.size() + naming_->suffix.size());
  return file.append(naming_->prefix).append(name_).append(naming_->suffix);
}

Digest Script::digest() const {
  if (!text_left_out_) return sha256(text_);
  Digest digest;
  std::memcpy(digest.data(), text_.data(), digest.size());
  return digest;
}

std::string Script::hash() const { return hash_text(digest()); }

const ScriptDetails& Script::details() const noexcept {
  static const ScriptDetails none;
  return details_ ? *details_ : none;
}

ScriptDetails& Script::edit() {
  if (!details_) details_ = std::make_unique<ScriptDetails>();
  return *details_;
}

std::optional<std::size_t> Script::statement_count() const noexcept {
  return statement_count_ == unknown ? std::nullopt : std::optional<std::size_t>(statement_count_);
}

void Script::set_statement_count(std::size_t count) noexcept {
  statement_count_ = static_cast<std::uint32_t>(std::min<std::size_t>(count, unknown - 1));
}

}  // namespace flux
