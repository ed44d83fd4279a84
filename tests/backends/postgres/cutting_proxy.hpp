// Stands between the backend and the server, and cuts where the test says.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace flux::testing {

// Forwards connections from a free port of 127.0.0.1 to another one, all in one thread.
class CuttingProxy {
 public:
  explicit CuttingProxy(int server_port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int port() const { return port_; }
  // A connection is cut when the server answers next on it: the server has done what the client does not learn of.
  void cut_next_answer() { cut_answer_ = true; }
  // A connection is cut when its client says something next: the server does not get it.
  void cut_next_request() { cut_request_ = true; }
  // Every connection is cut.
  void cut() { cut_ = true; }
  // Nothing passes any more, and nobody is told.
  void freeze() { frozen_ = true; }

 private:
  struct Pair {
    int client = -1, server = -1;
  };

  void serve();
  void accept_one();
  bool forward(int from, int to) const;

  int server_port_, port_ = 0, listener_ = -1;
  std::atomic<bool> cut_answer_ = false, cut_request_ = false, cut_ = false, frozen_ = false, ended_ = false;
  std::vector<Pair> pairs_;
  std::thread thread_;
};

}  // namespace flux::testing
