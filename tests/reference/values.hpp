// SPDX-License-Identifier: MIT
#pragma once
// What every reference function works on: plain double arrays in PyTorch's order. A batch of images
// is (N, C, H, W) = image, channel, row, column; a batch of vectors is (N, C).

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

/// Plain-loop, double-precision versions of every layer, loss and optimiser: what the library's
/// kernels are checked against. They are written to be read, not to be fast.
namespace reference {

using Values = std::vector<double>;

/// Extents of a four-dimensional array; calling it with four indices gives the offset.
struct Extents4 {
  int n = 1, c = 1, h = 1, w = 1;

  std::size_t operator()(int in, int ic, int ih, int iw) const {
    return static_cast<std::size_t>(((in * c + ic) * h + ih) * w + iw);
  }
  std::size_t size() const { return static_cast<std::size_t>(n * c * h * w); }
};

/// What a layer with parameters gives back. Nothing is accumulated: these are the gradients of one
/// batch alone. `weight` and `bias` are empty where the layer has none.
struct Gradients {
  Values input, weight, bias;
};

/// Throws where an array has not the size that its extents promise.
inline void expect_size(const Values& values, std::size_t expected, const char* name) {
  if (values.size() != expected) {
    throw std::invalid_argument(std::string("reference: ") + name + " has " +
                                std::to_string(values.size()) + " values, expected " +
                                std::to_string(expected));
  }
}

}  // namespace reference
