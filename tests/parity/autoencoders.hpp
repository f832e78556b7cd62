// SPDX-License-Identifier: MIT
#pragma once
// The autoencoders of the parity fixtures, layer by layer as tests/fixtures/make_parity.py writes
// them, their models with the weights that PyTorch started from, and the batches to train on.

#include <algorithm>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/fixture.hpp"
#include "support/model_check.hpp"
#include "support/parity.hpp"

namespace parity {

using Image = lamina::Shape<1, 28, 28>;

struct FullyConnected {
  static constexpr const char* name = "fc";
  static constexpr float sgd_rate = 3.0F;

  using Encoder = lamina::Sequential<lamina::Flatten, lamina::Linear<784, 512>, lamina::ReLU,
                                     lamina::Linear<512, 256>, lamina::ReLU,  //
                                     lamina::Linear<256, 128>>;
  using Decoder =
      lamina::Sequential<lamina::Linear<128, 256>, lamina::ReLU, lamina::Linear<256, 512>,
                         lamina::ReLU, lamina::Linear<512, 784>, lamina::Sigmoid,
                         lamina::Unflatten<1, 28, 28>>;
};

struct Convolutional {
  static constexpr const char* name = "cnn";
  static constexpr float sgd_rate = 0.1F;

  using Encoder =
      lamina::Sequential<lamina::Conv2d<1, 32, 4, 2, 1>, lamina::BatchNorm2d<32>, lamina::ReLU,
                         lamina::Conv2d<32, 64, 4, 2, 1>, lamina::BatchNorm2d<64>, lamina::ReLU,
                         lamina::Conv2d<64, 128, 7>, lamina::Flatten>;
  using Decoder = lamina::Sequential<
      lamina::Unflatten<128, 1, 1>,                                                     //
      lamina::ConvTranspose2d<128, 64, 7>, lamina::BatchNorm2d<64>, lamina::ReLU,       //
      lamina::ConvTranspose2d<64, 32, 4, 2, 1>, lamina::BatchNorm2d<32>, lamina::ReLU,  //
      lamina::ConvTranspose2d<32, 1, 4, 2, 1>, lamina::Sigmoid>;
};

template <class Kind>
using ModelOf =
    lamina::Model<lamina::Sequential<typename Kind::Encoder, typename Kind::Decoder>, Image>;

/// Gives a tensor of the model the fixture's values of that name, whose shape must be the same.
inline void load(const support::Fixture& from, const std::string& key,
                 lamina::NamedTensor<lamina::Cpu> tensor) {
  ASSERT_EQ(tensor.shape(), from.shape(key)) << key;
  xt::xarray<float> values = tensor.array();
  const auto loaded = from.values(key);
  std::copy(loaded.begin(), loaded.end(), values.begin());
  tensor.assign(values);
}

/// The model as PyTorch's training began.
template <class Kind>
ModelOf<Kind> initial_model() {
  ModelOf<Kind> model;
  const support::Fixture weights(std::string(Kind::name) + "_weights.safetensors");
  for (const auto& tensor : model.named_parameters())
    load(weights, tensor.name(), model.parameter(tensor.name()));
  for (const auto& tensor : model.named_buffers())
    load(weights, tensor.name(), model.buffer(tensor.name()));
  return model;
}

/// A typed test of both autoencoders: what PyTorch computed, and the batches it was given.
template <class Kind>
class AutoencoderParity : public ::testing::Test {
 protected:
  lamina::Tensor<Image> images(std::size_t step) const {
    const auto batch = batches_.batch(step);
    return support::batch_of<Image>({batch.begin(), batch.end()});
  }

  /// Does `got` agree with the fixture's summary of that name?
  void expect_matches(const std::string& key, const support::Values& got, double tolerance) const {
    EXPECT_TRUE(support::matches(fixture_.summary(key), got, tolerance));
  }

  support::Fixture fixture_{std::string(Kind::name) + "_parity.safetensors"};

 private:
  support::ParityBatches batches_{fixture_};
};

using Kinds = ::testing::Types<FullyConnected, Convolutional>;
struct Names {
  template <class Kind>
  static std::string GetName(int) {
    return Kind::name;
  }
};

}  // namespace parity
