// SPDX-License-Identifier: MIT
// What a user of lamina writes first: a small network, a few training steps on made-up images.
#include <cstdio>

#include <lamina/lamina.hpp>

using namespace lamina;

using Image = Shape<1, 4, 4>;
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, ReLU, Flatten, Linear<64, 16>, Unflatten<1, 4, 4>>;
static_assert(std::same_as<Output<Net, Image>, Image>);

int main() {
  Tensor<Image> images(8);
  for (std::size_t i = 0; i < images.span().size(); ++i) {
    images.span()[i] = static_cast<float>(i % 5) / 4.0f;
  }

  Model<Net, Image> model{Seed{1}};
  Adam adam{model.parameters(), {.learning_rate = 1e-2f}};
  float first = 0.0f;
  float last = 0.0f;
  for (int step = 0; step < 100; ++step) {
    const auto& output = model.forward(images);
    const auto [loss, gradient] = mse_loss(output, images);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    last = static_cast<float>(loss);
    if (step == 0) first = last;
  }
  std::printf("loss %g -> %g\n", static_cast<double>(first), static_cast<double>(last));
  return last < first / 2.0f ? 0 : 1;
}
