// SPDX-License-Identifier: MIT
#pragma once
// A number of threads for as long as something lives.

#include "lamina/core/threads.hpp"

namespace support {

/// Sets the threads of OpenMP's pool, and back.
class WithThreads {
 public:
  explicit WithThreads(int threads) { lamina::set_num_threads(threads); }
  ~WithThreads() { lamina::set_num_threads(before_); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  int before_ = lamina::num_threads();
};

}  // namespace support
