// SPDX-License-Identifier: MIT
// accuracy of images.
// expect: expects<.*a_vector
// expect: got<.*Shape<1, 28, 28>
// expect: one number for each class
// errors: 1
#include <cstdint>
#include <vector>

#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Logits = Shape<10>;
#else
using Logits = Shape<1, 28, 28>;
#endif

double share(const Tensor<Logits>& logits, const std::vector<std::uint8_t>& labels) {
  return accuracy(logits, labels);
}
