// SPDX-License-Identifier: MIT
#pragma once
// Means over the steps of an epoch that survive a stop in the middle of it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lamina/lamina.hpp"

namespace examples {

/// Means over the steps of an epoch; part of the checkpoint, so that an epoch may be interrupted.
template <int Count>
class EpochMeans {
 public:
  void add(const std::vector<double>& figures) {
    ++steps_;
    for (std::size_t i = 0; i < figures.size(); ++i)
      sums_.data()[i] += static_cast<float>(figures[i]);
  }
  /// The means so far; begins anew.
  std::vector<double> take() {
    std::vector<double> means;
    for (float& sum : sums_.span()) {
      means.push_back(static_cast<double>(sum) / static_cast<double>(steps_));
      sum = 0.0F;
    }
    steps_ = 0;
    return means;
  }
  lamina::State<lamina::Cpu> state() {
    const lamina::ParameterInfo info{.name = "sums", .shape = lamina::make_dims(Count)};
    return {{{"sums", 0, info, 0, sums_.data()}}, {{"steps", &steps_}}};
  }

 private:
  lamina::Tensor<lamina::Shape<Count>> sums_{1};
  std::int64_t steps_ = 0;
};

}  // namespace examples
