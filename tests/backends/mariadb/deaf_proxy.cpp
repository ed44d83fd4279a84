#include "deaf_proxy.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace flux::testing {
namespace {

constexpr int between_looks_ms = 20;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

// What has come; "" at its end.
std::string received(int socket) {
  std::array<char, 65536> buffer;
  const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

DeafProxy::DeafProxy(int server_port, Swallows swallows)
    : server_port_(server_port),
      swallows_(std::move(swallows)),
      listener_(checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  checked(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), "bind");
  checked(listen(listener_, 16), "listen");
  checked(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_links(); });
}

DeafProxy::~DeafProxy() {
  stop_ = true;
  acceptor_.join();
  for (Link& link : links_) {
    link.thread.join();
    close(link.client);
    close(link.server);
  }
  close(listener_);
}

void DeafProxy::lose_clients() {
  const std::lock_guard guard(mutex_);
  for (Link& link : links_) {
    link.deaf = true;
    shutdown(link.client, SHUT_RDWR);
  }
}

void DeafProxy::accept_links() {
  while (!stop_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, between_looks_ms) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) shutdown(client, SHUT_RDWR);
    const std::lock_guard guard(mutex_);
    Link& link = links_.emplace_back();
    link.number = static_cast<int>(links_.size());
    link.client = client;
    link.server = server;
    link.thread = std::thread([this, &link] { serve(link); });
  }
}

void DeafProxy::serve(Link& link) {
  std::array<pollfd, 2> ready{{{link.client, POLLIN, 0}, {link.server, POLLIN, 0}}};
  while (!stop_) {
    if (poll(ready.data(), ready.size(), between_looks_ms) <= 0) continue;
    const std::lock_guard guard(mutex_);
    if (link.deaf) return;
    for (const bool from_client : {true, false}) {
      if ((ready[from_client ? 0 : 1].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      const std::string bytes = received(from_client ? link.client : link.server);
      link.deaf = from_client && !bytes.empty() && swallows_ && swallows_(link.number, bytes);
      if (link.deaf) return;
      if (bytes.empty() || !send_all(from_client ? link.server : link.client, bytes)) {
        shutdown(link.client, SHUT_RDWR);
        shutdown(link.server, SHUT_RDWR);
        return;
      }
    }
  }
}

}  // namespace flux::testing
