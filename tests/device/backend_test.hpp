// SPDX-License-Identifier: MIT
#pragma once
// What the suites for backends on a device share: a test that is skipped where there is no device, and arrays
// on it.

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

namespace device_suite {

/// A backend says why it cannot run; one that says nothing always can.
template <class B>
std::string why_unavailable() {
  if constexpr (requires { B::why_unavailable(); })
    return B::why_unavailable();
  else
    return {};
}

template <class B>
class BackendTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = why_unavailable<B>(); !why.empty()) GTEST_SKIP() << why;
  }
};

/// Floats on a backend, from the host and back.
template <class B>
class Array {
 public:
  explicit Array(const std::vector<float>& values) : memory_(values.size()) {
    B::copy_from_host(values.size(), values.data(), memory_.data());
  }
  explicit Array(std::size_t size) : memory_(size) {}

  float* data() { return memory_.data(); }
  std::size_t size() const { return memory_.size(); }
  std::vector<float> values() const {
    std::vector<float> result(size());
    B::copy_to_host(size(), memory_.data(), result.data());
    return result;
  }

 private:
  lamina::Memory<B> memory_;
};

}  // namespace device_suite
