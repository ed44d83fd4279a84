#include "proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace flux::testing {
namespace {

constexpr std::chrono::hours forever{24};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Socket() { shut(false); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const noexcept { return fd_; }
  // With a reset the other side loses what it has not read, and learns that something went wrong.
  void shut(bool reset) noexcept {
    if (fd_ < 0) return;
    const linger at_once{1, 0};
    if (reset) setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(std::exchange(fd_, -1));
  }
  // What has come; "" at its end.
  std::string read() const {
    std::array<char, 65536> buffer;
    const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(n > 0 ? n : 0)};
  }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno != EINTR) return false;
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

 private:
  int fd_;
};

int connected_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

bool starts_with(std::string_view text, std::string_view head) {
  return text.size() >= head.size() && strncasecmp(text.data(), head.data(), head.size()) == 0;
}

}  // namespace

bool Message::is_query(std::string_view head) const {
  return from == From::client && (type == 'Q' || type == 'P') && starts_with(text, head);
}

bool Message::is_query_with(std::string_view part) const {
  return from == From::client && (type == 'Q' || type == 'P') && text.find(part) != std::string::npos;
}

bool Message::is_done(std::string_view tag) const { return from == From::server && type == 'C' && text == tag; }

// Both sides of one connection.
class Proxy::Pair {
 public:
  Pair(int number, int client, int server) : number_(number), client_(client), server_(server) {}

  int number() const noexcept { return number_; }
  Socket& of(From side) noexcept { return side == From::client ? client_ : server_; }
  FrameReader& reader(From side) noexcept { return side == From::client ? from_client_ : from_server_; }
  bool pass(From from, const Frame& frame) {
    return of(from == From::client ? From::server : From::client).write(frame.bytes);
  }
  void shut(bool reset) noexcept {
    client_.shut(reset);
    server_.shut(reset);
  }

 private:
  int number_;
  Socket client_, server_;
  FrameReader from_client_{FrameReader::Side::client}, from_server_{FrameReader::Side::server};
};

Proxy::Proxy(int server_port, std::function<Fault(const Message&)> decide)
    : server_port_(server_port), decide_(std::move(decide)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  stop_event_ = eventfd(0, EFD_CLOEXEC);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (listener_ < 0 || stop_event_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 || getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("proxy");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_connections(); });
}

Proxy::~Proxy() {
  {
    const std::lock_guard lock(stop_mutex_);
    stop_ = true;
  }
  stop_changed_.notify_all();
  static_cast<void>(eventfd_write(stop_event_, 1));
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  close(listener_);
  close(stop_event_);
}

std::string Proxy::uri(const std::string& database) const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/" + database + "?sslmode=disable";
}

int Proxy::messages() const {
  const std::lock_guard lock(messages_);
  return static_cast<int>(seen_.size());
}

std::string Proxy::log() const {
  const std::lock_guard lock(messages_);
  std::string out;
  for (const Message& m : seen_)
    out += std::to_string(m.number) + " #" + std::to_string(m.connection) +
           (m.from == From::client ? " client " : " server ") + (m.type == 0 ? '-' : m.type) + ' ' +
           std::to_string(m.length) + ' ' + m.text.substr(0, 100) + '\n';
  return out;
}

bool Proxy::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(stop_mutex_);
  return !stop_changed_.wait_for(lock, time, [this] { return stop_; });
}

void Proxy::accept_connections() {
  for (int count = 1;; ++count) {
    std::array<pollfd, 2> fds{{{listener_, POLLIN, 0}, {stop_event_, POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0) return;
    if (fds[0].revents == 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) connections_.emplace_back([this, client, count] { serve(client, count); });
  }
}

Fault Proxy::judge(Message message) {
  const std::lock_guard lock(messages_);
  message.number = static_cast<int>(seen_.size()) + 1;
  seen_.push_back(message);
  return decide_ ? decide_(message) : Fault();
}

bool Proxy::handle(Pair& pair, From from, const Frame& frame) {
  const Fault fault = judge({0, pair.number(), from, frame.type, frame.bytes.size(), frame.text});
  if (fault.delay.count() > 0 && !wait(fault.delay)) return false;
  if (fault.pass_first && !pair.pass(from, frame)) return false;
  if (fault.call) {
    const std::lock_guard lock(messages_);  // which every other message has to take
    fault.call();
  }
  switch (fault.deed) {
    case Fault::Deed::none:
      return fault.pass_first || pair.pass(from, frame);
    case Fault::Deed::cut:
      pair.shut(true);
      return false;
    case Fault::Deed::hang_up:
      return false;
    case Fault::Deed::cut_client:
      pair.of(From::client).shut(true);
      return wait(forever);
    case Fault::Deed::swallow:
      return wait(forever);
  }
  return false;
}

// Passes on what has come from one side; false where the connection is at its end.
bool Proxy::pass_on(Pair& pair, From from) {
  FrameReader& reader = pair.reader(from);
  const std::string bytes = pair.of(from).read();
  if (bytes.empty()) return false;
  reader.feed(bytes);
  while (const auto frame = reader.next()) {
    if (frame->type == 0 && frame->text == "ssl") {
      reader.expect_first();
      if (!pair.of(From::client).write("N")) return false;
    } else if (!handle(pair, from, *frame)) {
      return false;
    }
  }
  return true;
}

void Proxy::serve(int client, int connection) {
  const int server = connected_to(server_port_);
  Pair pair(connection, client, server);
  if (server < 0) return pair.shut(true);
  for (;;) {
    std::array<pollfd, 3> fds{
        {{pair.of(From::client).fd(), POLLIN, 0}, {pair.of(From::server).fd(), POLLIN, 0}, {stop_event_, POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[2].revents != 0) return;
    if (fds[0].revents != 0 && !pass_on(pair, From::client)) return;
    if (fds[1].revents != 0 && !pass_on(pair, From::server)) return;
  }
}

}  // namespace flux::testing
