// SPDX-License-Identifier: MIT
// Trains a small network and says with which instruction set.

#include <cstddef>
#include <iostream>
#include <vector>

#include "lamina/lamina.hpp"

int main(int argc, char** argv) {
  using namespace lamina;
  using In = Shape<8>;
  Tensor<In> values(33);
  for (std::size_t i = 0; i < values.span().size(); ++i)
    values.data()[i] = static_cast<float>(i % 7) / 7.0F;
  Model<Sequential<Linear<8, 24>, ReLU, Linear<24, 8>>, In> model{Seed{1}};
  Adam adam{model.parameters(), {.learning_rate = 1e-2F}};
  std::vector<double> losses;
  for (int step = 0; step < 50; ++step) {
    const auto [loss, gradient] = mse_loss(model.forward(values), values);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    losses.push_back(loss);
  }
  std::cout << instruction_set() << (losses.back() < losses.front() / 2 ? ", learns" : ", fails");
  for (int i = 1; i < argc; ++i)
    std::cout << ", " << argv[i];
  std::cout << '\n';
  return 0;
}
