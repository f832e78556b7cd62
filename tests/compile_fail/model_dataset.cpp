// SPDX-License-Identifier: MIT
// A data set whose images the model does not take.
// expect: expects<.*Shape<3, 32, 32>
// expect: got<.*Shape<1, 28, 28>
// expect: data set
// errors: 1
#include "lamina/data/batches.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Image = Shape<1, 28, 28>;
#else
using Image = Shape<3, 32, 32>;
#endif
using Net = Sequential<Flatten, Linear<static_cast<int>(Image::size), 10>>;

float first_output(const Dataset<Shape<1, 28, 28>>& data) {
  Model<Net, Image> model{Seed{1}};
  float sum = 0.0F;
  for (const auto& [images, labels] : batches(data, 128, InOrder{}))
    sum += model.forward(images).span()[0] + static_cast<float>(labels[0]);
  return sum;
}
