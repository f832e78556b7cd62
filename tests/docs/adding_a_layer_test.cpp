// SPDX-License-Identifier: MIT
// The worked example of docs/adding-a-layer.md: Hardtanh, written outside of the library.
#include <algorithm>
#include <concepts>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "docs/document.hpp"

namespace mine {

/// min(max(x, -1), 1) (torch.nn.Hardtanh).
struct Hardtanh {
  static constexpr lamina::LayerInfo describe(lamina::Dims in) {
    lamina::LayerInfo info;
    info.output = info.expected = in;          // any shape in, the same out
    info.memory.backward_reads_output = true;  // the gradient is computed from y,
    info.memory.overwrites_input = true;       // so that y may lie over x
    info.memory.overwrites_gradient = true;    // and dx over dy
    return info;
  }
  static constexpr lamina::Text name() { return lamina::Text{} << "Hardtanh"; }

  template <class In, class B>
  struct Run {
    static constexpr lamina::WorkspaceSize workspace() { return {}; }
    static void forward(const lamina::ForwardPass<B>& pass) {
      B::template activation<Hardtanh>(pass.images * In::size, pass.x, pass.y);
    }
    static void backward(const lamina::BackwardPass<B>& pass) {
      if (pass.dx != nullptr)
        B::template activation_gradient<Hardtanh>(pass.images * In::size, pass.y, pass.dy, pass.dx);
    }
  };
};

}  // namespace mine

/// What the CPU backend does for it, on a vector of values at a time.
template <>
struct lamina::CpuActivation<mine::Hardtanh> {
  static Vec value(const Vec& x) {
    const Vec low = xsimd::select(x < Vec(-1.0F), Vec(-1.0F), x);
    return xsimd::select(low > Vec(1.0F), Vec(1.0F), low);
  }
  static Vec gradient(const Vec& y, const Vec& dy) {
    return xsimd::select(xsimd::abs(y) >= Vec(1.0F), Vec(0.0F), dy);
  }
};

namespace adding_a_layer_test {

using namespace lamina;

static_assert(Layer<mine::Hardtanh>);
using Net = Sequential<Linear<3, 5>, mine::Hardtanh, Linear<5, 2>>;
static_assert(std::same_as<Output<Net, Shape<3>>, Shape<2>>);
static_assert(layer_table<Net, Shape<3>>[1].name.view() == "Hardtanh");

TEST(AddingALayer, TheDocumentShowsThisFile) {
  const auto blocks = document::snippets("adding-a-layer.md");
  EXPECT_EQ(blocks.size(), 3U);
  const std::string source = document::text_of(__FILE__);
  for (const std::string& block : blocks)
    EXPECT_NE(source.find(block), std::string::npos) << block;
}

TEST(AddingALayer, ForwardClamps) {
  Model<Sequential<mine::Hardtanh>, Shape<7>> model;
  Tensor<Shape<7>> x(1);
  const float values[] = {-3.0F, -1.0F, -0.5F, 0.0F, 0.25F, 1.0F, 2.0F};
  // torch.nn.functional.hardtanh(torch.tensor([-3, -1, -.5, 0, .25, 1, 2]))
  const float expected[] = {-1.0F, -1.0F, -0.5F, 0.0F, 0.25F, 1.0F, 1.0F};
  std::copy(std::begin(values), std::end(values), x.data());
  const auto y = model.forward(x);
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_EQ(y.span()[i], expected[i]) << i;
}

TEST(AddingALayer, InputGradientMatchesDifferences) {
  Model<Net, Shape<3>> model{Seed{3}};
  Tensor<Shape<3>> x(4);
  for (std::size_t i = 0; i < 12; ++i)
    x.data()[i] = 0.7F * static_cast<float>(i) - 3.0F;
  const Tensor<Shape<2>> target(4);
  const auto loss_at = [&] { return mse_loss(model.forward(x), target).value; };

  const auto& output = model.forward(x);
  const auto [loss, gradient] = mse_loss(output, target);
  model.zero_grad();
  model.backward(gradient, Gradients::parameters_and_input);
  const Tensor<Shape<3>> analytic(model.input_gradient());
  EXPECT_GT(loss, 0.0);
  for (std::size_t i = 0; i < 12; ++i) {
    const float middle = x.data()[i];
    constexpr float step = 1e-2F;
    x.data()[i] = middle + step;
    const double above = loss_at();
    x.data()[i] = middle - step;
    const double below = loss_at();
    x.data()[i] = middle;
    // Central differences in float: rounding of the loss, 1e-7 / 1e-2, and step^2 of curvature.
    EXPECT_NEAR(analytic.span()[i], (above - below) / (2.0 * static_cast<double>(step)), 1e-3) << i;
  }
}

}  // namespace adding_a_layer_test
