#include "sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace flux::check {

SilentPort::SilentPort() : SilentPort(true) {}

SilentPort::SilentPort(bool listening) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* given = reinterpret_cast<sockaddr*>(&address);
  if (fd_ < 0 || bind(fd_, given, size) != 0 || getsockname(fd_, given, &size) != 0 ||
      (listening && listen(fd_, 8) != 0))
    throw std::system_error(errno, std::generic_category(), "a port of 127.0.0.1");
  number_ = ntohs(address.sin_port);
}

SilentPort::~SilentPort() { close(fd_); }

}  // namespace flux::check
