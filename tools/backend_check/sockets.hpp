// Ports of 127.0.0.1 where no server answers.
#pragma once

namespace flux::check {

// One where a connection is taken and nothing said, for as long as the object lives.
class SilentPort {
 public:
  SilentPort();
  ~SilentPort();
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  int number() const noexcept { return number_; }

 protected:
  explicit SilentPort(bool listening);

 private:
  int fd_ = -1, number_ = 0;
};

// One where nobody listens, and nobody else can.
class ClosedPort : public SilentPort {
 public:
  ClosedPort() : SilentPort(false) {}
};

}  // namespace flux::check
