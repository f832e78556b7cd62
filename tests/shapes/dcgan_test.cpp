// SPDX-License-Identifier: MIT
// The layer tables of the DCGANs in examples/common/networks against numbers worked out by hand and
// those that the tutorials print. Everything here is checked by the compiler; that this file compiles
// is the test.
#include "common/networks/dcgan.hpp"

#include <cstdint>
#include <span>

#include <gtest/gtest.h>

#include "lamina/shapes.hpp"

namespace lamina {
namespace {

using examples::Dcgan28;
using examples::Dcgan64;
using examples::TensorFlowDcgan;

template <class Gan>
inline constexpr auto& generator = layer_table<typename Gan::Generator, typename Gan::Latent>;
template <class Gan>
inline constexpr auto& discriminator =
    layer_table<typename Gan::Discriminator, typename Gan::Image>;

constexpr std::int64_t parameters(std::span<const LayerRow> rows) {
  std::int64_t sum = 0;
  for (const LayerRow& row : rows)
    sum += row.parameters;
  return sum;
}
constexpr std::int64_t multiply_adds(std::span<const LayerRow> rows) {
  std::int64_t sum = 0;
  for (const LayerRow& row : rows)
    sum += row.multiply_adds;
  return sum;
}

// sum(p.numel() for p in net.parameters()) of the tutorial's netG and netD:
//   16 (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 2 (512 + 256 + 128 + 64)
//   16 (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 2 (128 + 256 + 512)
static_assert(parameters(generator<Dcgan64>) == 3'576'704);
static_assert(parameters(discriminator<Dcgan64>) == 2'765'568);
static_assert(generator<Dcgan64>[0].output == make_dims(512, 4, 4));
static_assert(generator<Dcgan64>[3].output == make_dims(256, 8, 8));
static_assert(generator<Dcgan64>[6].output == make_dims(128, 16, 16));
static_assert(generator<Dcgan64>[9].output == make_dims(64, 32, 32));
static_assert(generator<Dcgan64>[13].output == make_dims(3, 64, 64));
static_assert(generator<Dcgan64>[3].formula.view() == "(4 - 1)*2 - 2*1 + 4 = 8");
static_assert(discriminator<Dcgan64>[12].output == make_dims(1, 1, 1));
// 1 + 3 (1 + 2 + 4 + 8 + 16)
static_assert(discriminator<Dcgan64>[12].receptive_field == 94);
// 16 (64 * 3 * 32^2 + 128 * 64 * 16^2 + 256 * 128 * 8^2 + 512 * 256 * 4^2 + 512)
static_assert(multiply_adds(discriminator<Dcgan64>) == 103'817'216);
// 16 (100 * 512 + 512 * 256 * 4^2 + 256 * 128 * 8^2 + 128 * 64 * 16^2 + 64 * 3 * 32^2)
static_assert(multiply_adds(generator<Dcgan64>) == 104'628'224);

// Keras's model.summary() says 2,330,944 for the generator; 25,472 of them are the running statistics
// of batch normalisation, 2 (12544 + 128 + 64), which are learned by no gradient. Without them:
//   100 * 12544 + 2 * 12544 + 25 (256 * 128 + 128 * 64 + 64) + 2 (128 + 64)
static_assert(parameters(generator<TensorFlowDcgan>) == 2'330'944 - 25'472);
// 25 * 64 + 64 + 25 * 64 * 128 + 128 + 6272 + 1
static_assert(parameters(discriminator<TensorFlowDcgan>) == 212'865);
static_assert(generator<TensorFlowDcgan>[3].output == make_dims(256, 7, 7));
static_assert(generator<TensorFlowDcgan>[4].output == make_dims(128, 7, 7));
static_assert(generator<TensorFlowDcgan>[7].output == make_dims(64, 14, 14));
static_assert(generator<TensorFlowDcgan>[10].output == make_dims(1, 28, 28));
static_assert(generator<TensorFlowDcgan>[7].formula.view() == "(7 - 1)*2 - 2*2 + 5 + 1 = 14");
static_assert(discriminator<TensorFlowDcgan>[0].output == make_dims(64, 14, 14));
static_assert(discriminator<TensorFlowDcgan>[3].output == make_dims(128, 7, 7));
static_assert(discriminator<TensorFlowDcgan>[3].formula.view() == "(14 + 2*2 - 5)/2 + 1 = 7");

// 100 * 256 * 49 + 16 (256 * 128 + 128) + (256 + 128 + 1) biases + 2 (256 + 128)
static_assert(parameters(generator<Dcgan28>) == 1'781'889);
// 16 (64 + 64 * 128) + 128 * 49 + (64 + 128 + 1) biases + 2 * 128
static_assert(parameters(discriminator<Dcgan28>) == 138'817);
static_assert(generator<Dcgan28>[0].output == make_dims(256, 7, 7));
static_assert(generator<Dcgan28>[3].output == make_dims(128, 14, 14));
static_assert(discriminator<Dcgan28>[5].output == make_dims(1, 1, 1));
static_assert(discriminator<Dcgan28>[5].receptive_field == 34);

TEST(Dcgan, IsCheckedByTheCompiler) {
  SUCCEED() << "this file compiles";
}

}  // namespace
}  // namespace lamina
