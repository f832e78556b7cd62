// SPDX-License-Identifier: MIT
#pragma once
// Measurements of memory: in a process of their own, where nothing has been allocated for others, and by what
// the kernel says of that process. POSIX and Linux.

#include <array>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace bench {

/// What compute() returns in a process of its own; nothing where that fails. To be called before this process
/// has started threads.
inline std::optional<std::size_t> in_own_process(std::size_t (*compute)()) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return std::nullopt;
  const pid_t child = fork();
  std::size_t result = 0;
  if (child == 0) {
    result = compute();
    _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  close(ends[1]);
  const bool got = child > 0 && read(ends[0], &result, sizeof result) == sizeof result;
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return got ? std::optional(result) : std::nullopt;
}

/// Bytes of this process: "VmRSS" are resident now, "VmHWM" were at most. 0 where nobody says.
inline std::size_t bytes_of_process(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return 1024 * std::stoul(line.substr(key.size() + 1));
  return 0;
}

}  // namespace bench
