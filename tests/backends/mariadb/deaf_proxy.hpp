// A TCP proxy before a server whose links go silent.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace flux::testing {

// Listens on a free port of 127.0.0.1 and passes every connection on to the server's; threads of its own do so until it
// is destroyed, which closes all of them.
class DeafProxy {
 public:
  // Asked about what a client has sent, by the thread of its connection: true has nothing of that connection passed on
  // any more, in either direction, while both sides stay open. `connection` counts from 1.
  using Swallows = std::function<bool(int connection, std::string_view sent)>;

  // Throws std::system_error where it cannot listen.
  explicit DeafProxy(int server_port, Swallows swallows = {});
  ~DeafProxy();
  DeafProxy(const DeafProxy&) = delete;
  DeafProxy& operator=(const DeafProxy&) = delete;

  int port() const noexcept { return port_; }
  // Closes the clients' side of all connections that there are. The server does not learn of it.
  void lose_clients();

 private:
  struct Link {
    int number, client, server;
    bool deaf = false;
    std::thread thread;
  };

  void accept_links();
  void serve(Link& link);

  int server_port_;
  Swallows swallows_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::list<Link> links_;
  std::thread acceptor_;
};

}  // namespace flux::testing
