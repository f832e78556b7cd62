// SPDX-License-Identifier: MIT
// Output<Net, In> and FitsInput<Net, In>: everything here is checked by the compiler; that this file
// compiles is the test. Formulas: torch.nn's documentation and Dumoulin & Visin 2016,
// arXiv:1603.07285, relationships 6 and 14:
//   convolution             H' = floor((H + 2p - k) / s) + 1
//   transposed convolution  H' = (H - 1) s - 2p + k + output padding
#include <array>
#include <concepts>
#include <utility>

#include <gtest/gtest.h>

#include "lamina/shapes.hpp"

#include "common/networks/dcgan.hpp"

namespace lamina {
namespace {

template <class Net, class In, class Expected>
inline constexpr bool gives = std::same_as<Output<Net, In>, Expected>;

// Shape
static_assert(Shape<1, 28, 28>::rank == 3 && Shape<1, 28, 28>::size == 784);
static_assert(Shape<3, 5, 7>::dims == std::array{3, 5, 7});
static_assert(std::same_as<ShapeOf<make_dims(3, 5, 7)>, Shape<3, 5, 7>>);
static_assert(AnyShape<Shape<10>> && !AnyShape<int>);

// Linear
static_assert(gives<Linear<784, 10>, Shape<784>, Shape<10>>);
static_assert(gives<Linear<784, 10, Bias::no>, Shape<784>, Shape<10>>);
static_assert(gives<Linear<infer, 10>, Shape<784>, Shape<10>>);

// Conv2d
static_assert(gives<Conv2d<1, 32, 4, 2, 1>, Shape<1, 28, 28>, Shape<32, 14, 14>>);
static_assert(gives<Conv2d<infer, 32, 4, 2, 1>, Shape<1, 28, 28>, Shape<32, 14, 14>>);
static_assert(gives<Conv2d<64, 128, 7>, Shape<64, 7, 7>, Shape<128, 1, 1>>);
static_assert(gives<Conv2d<2, 5, 1>, Shape<2, 9, 6>, Shape<5, 9, 6>>);
// floor((9 + 2 - 4) / 3) + 1 = 3 and floor((6 + 2 - 4) / 3) + 1 = 2
static_assert(gives<Conv2d<2, 5, 4, 3, 1, Bias::no>, Shape<2, 9, 6>, Shape<5, 3, 2>>);
// More padding than kernel: 1 + 2 * 3 - 1 + 1 = 7
static_assert(gives<Conv2d<1, 1, 1, 1, 3>, Shape<1, 1, 1>, Shape<1, 7, 7>>);

// ConvTranspose2d
static_assert(gives<ConvTranspose2d<128, 64, 7>, Shape<128, 1, 1>, Shape<64, 7, 7>>);
static_assert(gives<ConvTranspose2d<64, 32, 4, 2, 1>, Shape<64, 7, 7>, Shape<32, 14, 14>>);
static_assert(gives<ConvTranspose2d<infer, 32, 4, 2, 1>, Shape<64, 7, 7>, Shape<32, 14, 14>>);
// (7 - 1) 2 - 2 + 3 + 1 = 14 and (5 - 1) 2 - 2 + 3 + 1 = 10
static_assert(gives<ConvTranspose2d<8, 4, 3, 2, 1, 1>, Shape<8, 7, 5>, Shape<4, 14, 10>>);
static_assert(gives<ConvTranspose2d<8, 4, 3, 2, 1, 1, Bias::no>, Shape<8, 7, 5>, Shape<4, 14, 10>>);

// Pools, whose stride is the kernel unless it is given
static_assert(gives<MaxPool2d<2>, Shape<32, 28, 28>, Shape<32, 14, 14>>);
static_assert(gives<AvgPool2d<7>, Shape<64, 7, 7>, Shape<64, 1, 1>>);
static_assert(gives<MaxPool2d<2>, Shape<3, 9, 6>, Shape<3, 4, 3>>);
// floor((9 + 2 - 3) / 2) + 1 = 5 and floor((6 + 2 - 3) / 2) + 1 = 3
static_assert(gives<AvgPool2d<3, 2, 1>, Shape<3, 9, 6>, Shape<3, 5, 3>>);
static_assert(gives<MaxPool2d<2, 1, 1>, Shape<1, 1, 1>, Shape<1, 2, 2>>);

// Upsample
static_assert(gives<Upsample<2>, Shape<32, 7, 5>, Shape<32, 14, 10>>);
static_assert(gives<Upsample<3>, Shape<1, 1, 1>, Shape<1, 3, 3>>);
static_assert(gives<Sequential<MaxPool2d<2>, Upsample<2>>, Shape<3, 8, 6>, Shape<3, 8, 6>>);

// Layers that keep the shape
static_assert(gives<BatchNorm2d<32>, Shape<32, 14, 14>, Shape<32, 14, 14>>);
static_assert(gives<BatchNorm2d<infer>, Shape<32, 14, 14>, Shape<32, 14, 14>>);
static_assert(gives<BatchNorm1d<32>, Shape<32>, Shape<32>>);
static_assert(gives<BatchNorm1d<infer>, Shape<32>, Shape<32>>);
static_assert(gives<GroupNorm<4, 32>, Shape<32, 14, 14>, Shape<32, 14, 14>>);
static_assert(gives<GroupNorm<4, infer>, Shape<32>, Shape<32>>);
static_assert(gives<AddCondition<16, 32>, Shape<32, 14, 14>, Shape<32, 14, 14>>);
static_assert(gives<AddCondition<16, infer>, Shape<32>, Shape<32>>);
static_assert(gives<ReLU, Shape<3, 5, 7>, Shape<3, 5, 7>>);
static_assert(gives<LeakyReLU<0.2>, Shape<3, 5, 7>, Shape<3, 5, 7>>);
static_assert(gives<Sigmoid, Shape<9>, Shape<9>>);
static_assert(gives<Tanh, Shape<3, 5>, Shape<3, 5>>);
static_assert(gives<SiLU, Shape<3, 5>, Shape<3, 5>>);
static_assert(gives<Dropout<0.5>, Shape<8, 1, 2, 3>, Shape<8, 1, 2, 3>>);

// Reshapes
static_assert(gives<Flatten, Shape<64, 7, 7>, Shape<3136>>);
static_assert(gives<Flatten, Shape<10>, Shape<10>>);
static_assert(gives<Unflatten<64, 7, 7>, Shape<3136>, Shape<64, 7, 7>>);

// A network of networks
using examples::Dcgan28;
using examples::Dcgan64;
static_assert(gives<Sequential<Dcgan64::Generator, Dcgan64::Discriminator>, Shape<100, 1, 1>,
                    Shape<1, 1, 1>>);

// Nesting changes nothing; a Sequential of nothing is the identity.
using Block = Sequential<Conv2d<infer, 32, 4, 2, 1>, BatchNorm2d<infer>, ReLU>;
static_assert(gives<Sequential<Block, Block>, Shape<1, 28, 28>, Shape<32, 7, 7>>);
static_assert(
    gives<Sequential<Sequential<Sequential<Block>>, ReLU>, Shape<3, 8, 6>, Shape<32, 4, 3>>);
static_assert(gives<Sequential<>, Shape<3, 8, 6>, Shape<3, 8, 6>>);
static_assert(gives<Sequential<Sequential<>, Flatten>, Shape<3, 8, 6>, Shape<144>>);

// Residual keeps the shape; Concat adds up channels.
using Same = Conv2d<infer, 8, 3, 1, 1>;
static_assert(gives<Residual<Same, SiLU>, Shape<8, 5, 7>, Shape<8, 5, 7>>);
static_assert(gives<Residual<>, Shape<3, 5>, Shape<3, 5>>);
static_assert(
    gives<Residual<Linear<9, 4>, Residual<Linear<4, 4>>, Linear<4, 9>>, Shape<9>, Shape<9>>);
static_assert(gives<Concat<Identity, Same>, Shape<3, 5, 7>, Shape<11, 5, 7>>);
static_assert(gives<Concat<Same, Residual<>, Conv2d<3, 1, 1>>, Shape<3, 5, 7>, Shape<12, 5, 7>>);
static_assert(gives<Concat<Linear<9, 4>, Identity>, Shape<9>, Shape<13>>);
static_assert(gives<Concat<Flatten, Sequential<Flatten, ReLU>>, Shape<3, 5, 7>, Shape<210>>);
static_assert(gives<Concat<Conv2d<3, 4, 3, 2, 1>, MaxPool2d<2>>, Shape<3, 8, 6>, Shape<7, 4, 3>>);
static_assert(gives<Concat<>, Shape<3, 5, 7>, Shape<3, 5, 7>>);
static_assert(gives<Concat<Same>, Shape<3, 5, 7>, Shape<8, 5, 7>>);
static_assert(std::same_as<Identity, Sequential<>>);
using Level = Concat<Identity, Sequential<MaxPool2d<2>, Residual<Same>, Upsample<2>>>;
static_assert(!FitsInput<Sequential<Same, Level, Level>, Shape<1, 8, 8>>);  // 16 channels + 8
static_assert(gives<Sequential<Same, Level, Same, Level>, Shape<1, 8, 8>, Shape<16, 8, 8>>);

// What does not fit is false, not an error.
static_assert(FitsInput<Dcgan64::Generator, Shape<100, 1, 1>>);
static_assert(!FitsInput<Dcgan64::Generator, Shape<100>>);
static_assert(!FitsInput<Dcgan64::Generator, Shape<101, 1, 1>>);
static_assert(!FitsInput<Dcgan28::Discriminator, Shape<3, 64, 64>>);
static_assert(!FitsInput<Sequential<Conv2d<infer, 8, 5>>, Shape<1, 4, 9>>);
static_assert(!FitsInput<Sequential<Unflatten<64, 7, 7>>, Shape<3137>>);
static_assert(!FitsInput<Sequential<Flatten, int>, Shape<1, 28, 28>>);
static_assert(!FitsInput<Sequential<Conv2d<1, 8, 0>>, Shape<1, 28, 28>>);
static_assert(!FitsInput<Sequential<Conv2d<1, 8, 3, 0>>, Shape<1, 28, 28>>);
static_assert(!FitsInput<Sequential<Conv2d<1, 8, 3, 1, -1>>, Shape<1, 28, 28>>);
static_assert(!FitsInput<Sequential<ConvTranspose2d<1, 8, 3, 2, 1, 2>>, Shape<1, 28, 28>>);
static_assert(!FitsInput<Sequential<MaxPool2d<2>>, Shape<10>>);
static_assert(!FitsInput<Sequential<MaxPool2d<3>>, Shape<1, 2, 9>>);
static_assert(!FitsInput<Sequential<AvgPool2d<3, 1, 2>>, Shape<1, 9, 9>>);
static_assert(!FitsInput<Sequential<AvgPool2d<0>>, Shape<1, 9, 9>>);
static_assert(!FitsInput<Sequential<GroupNorm<3, infer>>, Shape<10, 2, 2>>);
static_assert(!FitsInput<Sequential<GroupNorm<4, 32>>, Shape<16, 2, 2>>);
static_assert(!FitsInput<Sequential<GroupNorm<0, 32>>, Shape<32, 2, 2>>);
static_assert(!FitsInput<Sequential<Upsample<2>>, Shape<10>>);
static_assert(!FitsInput<Sequential<Upsample<0>>, Shape<1, 9, 9>>);
static_assert(!FitsInput<Sequential<AddCondition<16, 9>>, Shape<10>>);
static_assert(!FitsInput<Sequential<AddCondition<0, 10>>, Shape<10>>);
static_assert(!FitsInput<Sequential<AddCondition<16, 10>, AddCondition<10, 10>>, Shape<10>>);
static_assert(!FitsInput<Residual<Linear<9, 8>>, Shape<9>>);
static_assert(!FitsInput<Sequential<Residual<MaxPool2d<2>>>, Shape<3, 8, 8>>);
static_assert(!FitsInput<Concat<Identity, MaxPool2d<2>>, Shape<3, 8, 8>>);
static_assert(!FitsInput<Concat<Identity, Flatten>, Shape<3, 8, 8>>);
static_assert(!FitsInput<Concat<Residual<Linear<3, 3>>>, Shape<4>>);
static_assert(!FitsInput<Residual<AddCondition<3, 4>, AddCondition<2, 4>>, Shape<4>>);
static_assert(!FitsInput<Sequential<Dropout<1.0>>, Shape<10>>);
static_assert(!FitsInput<Sequential<LeakyReLU<-0.1>>, Shape<10>>);
static_assert(!FitsInput<Sequential<ReLU>, int>);

template <class Net, class In>
concept HasOutput = requires { requires FitsInput<Net, In>; };
static_assert(HasOutput<Linear<4, 2>, Shape<4>> && !HasOutput<Linear<4, 2>, Shape<5>>);

// Compilers count depth: clang stops folding a pack at 256, g++ and clang stop recursion near 1000.
template <class L, class Numbers>
struct Repeated;
template <class L, int... I>
struct Repeated<L, std::integer_sequence<int, I...>> {
  template <int>
  using One = L;
  using type = Sequential<One<I>...>;
};
template <class L, int Count>
using Repeat = typename Repeated<L, std::make_integer_sequence<int, Count>>::type;
static_assert(gives<Repeat<Linear<infer, 7>, 300>, Shape<3>, Shape<7>>);
static_assert(gives<Repeat<Sequential<Linear<7, 7>, ReLU>, 150>, Shape<7>, Shape<7>>);
static_assert(gives<Repeat<Residual<Linear<7, 7>, ReLU>, 100>, Shape<7>, Shape<7>>);
static_assert(layer_table<Repeat<Linear<infer, 7>, 300>, Shape<3>>[299].parameters == 56);

TEST(Output, IsCheckedByTheCompiler) {
  SUCCEED() << "this file compiles";
}

}  // namespace
}  // namespace lamina
