// SPDX-License-Identifier: MIT
#pragma once
// Replicas on the host: sums over them are added in the order of their ranks.

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "lamina/core/meeting.hpp"
#include "lamina/core/replica.hpp"

namespace support {

template <class Device>
class HostReplica final : public lamina::Replica {
 public:
  HostReplica(std::size_t rank, lamina::Meeting& meeting)
      : Replica(rank, meeting.size()), meeting_(meeting) {}

  void all_reduce_sum(std::size_t count, float* values) override { reduce(count, values); }
  void all_reduce_sum(std::size_t count, double* values) override { reduce(count, values); }
  void sum(std::span<double> values) override { meeting_.sum(rank(), values); }

 private:
  template <class Value>
  void reduce(std::size_t count, Value* values) {
    Device::refuse_in_a_recording();
    meeting_.start(rank());
    std::vector<Value> here(count);
    Device::copy_to_host(count * sizeof(Value), values, here.data());
    meeting_.sum(rank(), std::span{here});
    Device::copy_from_host(count * sizeof(Value), here.data(), values);
  }

  lamina::Meeting& meeting_;
};

/// What data_parallel asks a device for.
template <class Device>
class HostReplicas {
 public:
  /// There are as many as are asked for.
  static void require(std::size_t) {}

  explicit HostReplicas(std::size_t devices) : meeting_(devices) {}

  auto join(std::size_t rank) { return std::make_unique<HostReplica<Device>>(rank, meeting_); }
  void leave(std::size_t rank) { meeting_.leave(rank); }
  void stop() noexcept { meeting_.stop(); }

 private:
  lamina::Meeting meeting_;
};

}  // namespace support
