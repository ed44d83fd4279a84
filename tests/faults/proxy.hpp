// A TCP proxy before a PostgreSQL server that knows where one message ends and the next begins, and can do harm there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "wire.hpp"

namespace flux::testing {

enum class From { client, server };

// One message of one connection that has come in and is about to be passed on.
struct Message {
  int number = 0;      // of all messages of all connections and both directions, from 1
  int connection = 0;  // from 1, in the order in which they were opened
  From from = From::client;
  char type = 0;  // as in Frame; the first packet of a connection has none
  std::size_t length = 0;
  std::string text;  // as in Frame

  bool is_query(std::string_view head) const;       // a Query or Parse whose SQL starts with `head`, in any case
  bool is_query_with(std::string_view part) const;  // whose SQL holds `part`
  bool is_done(std::string_view tag) const;         // the server says that a command of this tag is done
};

// What becomes of a message and of its connection, in the order of the members.
struct Fault {
  enum class Deed {
    none,
    cut,         // both sides are reset, as by a firewall
    hang_up,     // both sides are closed in order
    cut_client,  // the client's side is reset; the server does not learn of it
    swallow      // from here on nothing is passed on, in either direction; both sides stay open
  };
  std::chrono::milliseconds delay{0};  // nothing of this connection moves for so long
  bool pass_first = false;             // the message is passed on before the rest
  std::function<void()> call;          // no message of any connection moves until it has returned
  Deed deed = Deed::none;              // none: the message is passed on, if it was not before
};

// Listens on a free port of 127.0.0.1 and passes every connection on to the server's; threads of its own do so until it
// is destroyed. Requests for encryption are answered with no, requests to cancel are passed on.
class Proxy {
 public:
  // `decide` is called for each message, by one thread at a time. Throws std::system_error where it cannot listen.
  explicit Proxy(int server_port, std::function<Fault(const Message&)> decide = {});
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const noexcept { return port_; }
  // "postgresql://postgres@127.0.0.1:PORT/DATABASE?sslmode=disable".
  std::string uri(const std::string& database) const;
  // What came in so far, one line each: "12 #1 client Q 46 BEGIN …".
  std::string log() const;
  int messages() const;

 private:
  class Pair;
  void accept_connections();
  void serve(int client, int connection);
  bool pass_on(Pair& pair, From from);
  // Does with a message what decide() wants; false where its connection is to end.
  bool handle(Pair& pair, From from, const Frame& frame);
  // Numbers the message, writes it down and asks decide().
  Fault judge(Message message);
  // False when the proxy ends before that.
  bool wait(std::chrono::milliseconds time);

  int server_port_;
  std::function<Fault(const Message&)> decide_;
  int listener_ = -1, stop_event_ = -1, port_ = 0;
  mutable std::mutex messages_;
  std::vector<Message> seen_;
  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stop_ = false;
  std::list<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace flux::testing
