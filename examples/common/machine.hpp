// SPDX-License-Identifier: MIT
#pragma once
// What a run was made with, for the first line of a trainer and the last table of its report.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

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

/// "2 x NVIDIA H100", and a comma, of two such names.
inline std::string name_together(const std::vector<std::string>& gpus) {
  std::string text;
  for (auto gpu = gpus.begin(); gpu != gpus.end();) {
    const auto next =
        std::find_if(gpu, gpus.end(), [&](const std::string& name) { return name != *gpu; });
    const auto count = std::distance(gpu, next);
    text += (count > 1 ? std::to_string(count) + " x " : "") + *gpu + ", ";
    gpu = next;
  }
  return text;
}

/// "AMD EPYC, AVX-512, 2 threads, g++ 12.2.0", behind the GPUs where there are some.
inline std::string describe_machine(const std::vector<std::string>& gpus) {
  const int threads = lamina::num_threads();
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return name_together(gpus) + processor() + std::string(lamina::instruction_set()) + ", " +
         std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") + compiler;
}

}  // namespace examples
