#include "server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace flux::testing {

ServerUser::ServerUser(const std::vector<std::string>& names) {
  if (geteuid() != 0) return;
  const passwd* found = nullptr;
  for (const std::string& name : names)
    if (found == nullptr) found = getpwnam(name.c_str());
  if (found == nullptr) found = getpwnam("nobody");
  if (found == nullptr) throw std::runtime_error("the server does not run as root, and there is no user nobody");
  other = true;
  user = found->pw_uid;
  group = found->pw_gid;
}

void ServerUser::own(const std::filesystem::path& folder) const {
  if (other && chown(folder.c_str(), user, group) != 0)
    throw std::system_error(errno, std::generic_category(), "chown");
}

pid_t launch_server(const std::vector<std::string>& argv, const std::filesystem::path& log_file, const ServerUser& user,
                    int death_signal) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid > 0) return pid;

  // Changing the user forgets the parent's death signal, so it comes after.
  if (user.other && (setgroups(0, nullptr) != 0 || setgid(user.group) != 0 || setuid(user.user) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, death_signal);
  if (getppid() != parent) _exit(126);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int out = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int in = open("/dev/null", O_RDONLY);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir("/") != 0) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "no free port");
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace flux::testing
