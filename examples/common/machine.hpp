// SPDX-License-Identifier: MIT
#pragma once
// What a run was made with, for the first line of a trainer and the last table of its report.

#include <fstream>
#include <string>

#include "lamina/core/isa.hpp"
#include "lamina/core/threads.hpp"

namespace examples {

/// "AMD EPYC", where Linux says so, and a comma.
inline std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (const auto colon = line.find(": "); line.starts_with("model name") && colon != line.npos)
      return line.substr(colon + 2) + ", ";
  return {};
}

/// "AMD EPYC, AVX-512, 2 threads, g++ 12.2.0".
inline std::string describe_machine() {
  const int threads = lamina::num_threads();
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return processor() + std::string(lamina::instruction_set()) + ", " + std::to_string(threads) +
         (threads == 1 ? " thread, " : " threads, ") + compiler;
}

}  // namespace examples
