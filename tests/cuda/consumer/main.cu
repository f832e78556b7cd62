// SPDX-License-Identifier: MIT
// What a user writes: one function for either backend, on the GPU if there is one.

#include <cstddef>
#include <cstdio>

#include <lamina/cuda.hpp>
#include <lamina/lamina.hpp>

using namespace lamina;

using Image = Shape<1, 4, 4>;
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, ReLU, Flatten, Linear<64, 16>, Unflatten<1, 4, 4>>;

template <class B>
double train(const Tensor<Image>& images) {
  Model<Net, Image, B> model{Seed{1}};
  Adam adam{model.parameters(), {.learning_rate = 1e-2F}};
  double last = 0.0;
  for (int step = 0; step < 100; ++step) {
    const auto output = model.forward(images);
    const auto [loss, gradient] = mse_loss(output, images);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    last = loss;
  }
  return last;
}

int main() {
  Tensor<Image> images(8);
  for (std::size_t i = 0; i < images.span().size(); ++i)
    images.span()[i] = static_cast<float>(i % 5) / 4.0F;
  if (!Cuda::available()) std::printf("%s\n", Cuda::why_unavailable().c_str());
  const double loss = Cuda::available() ? train<Cuda>(images) : train<Cpu>(images);
  std::printf("loss %g\n", loss);
  return loss < 0.05 ? 0 : 1;
}
