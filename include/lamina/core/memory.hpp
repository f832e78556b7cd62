// SPDX-License-Identifier: MIT
#pragma once
// A block of floats on a backend: aligned, zeroed, of one size for life.

#include <cstddef>
#include <span>
#include <utility>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// A backend whose memory the program itself reads and writes. What lies elsewhere is copied there and
/// back: by Tensor's assign and read, and by the handles on parameters.
template <class B>
concept HostBackend = B::host_memory;

/// Owns `count` floats allocated by the backend (B::allocate zeroes and aligns, B::release frees).
template <class B>
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t count) : data_(B::allocate(count)), count_(count) {}
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { B::release(data_); }

  float* data() { return data_; }
  const float* data() const { return data_; }
  std::size_t size() const { return count_; }
  std::span<float> span() { return {data_, count_}; }
  std::span<const float> span() const { return {data_, count_}; }

 private:
  float* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace lamina::inline LAMINA_ISA
