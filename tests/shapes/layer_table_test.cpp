// SPDX-License-Identifier: MIT
// layer_table<Net, In> against numbers worked out by hand, and the printed table as a golden text.
//   parameters     Conv2d C_out (C_in k^2 + 1), ConvTranspose2d C_in C_out k^2 + C_out,
//                  Linear O (I + 1), BatchNorm 2 C: sum(p.numel() for p in m.parameters()) in PyTorch
//   multiply-adds  Conv2d C_out H' W' C_in k^2, ConvTranspose2d C_in H W C_out k^2, Linear I O
//   receptive      r' = r + (k - 1) j, j' = j s, from r = j = 1 (Dumoulin & Visin 2016,
//   field          arXiv:1603.07285; Araujo et al. 2019, doi:10.23915/distill.00021); a transposed
//                  convolution reads ceil(k / s) positions, and j' = j / s
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "lamina/shapes.hpp"

namespace lamina {
namespace {

using Image = Shape<1, 28, 28>;
using Encoder = Sequential<Conv2d<1, 32, 4, 2, 1>, BatchNorm2d<32>, ReLU, Conv2d<32, 64, 4, 2, 1>,
                           BatchNorm2d<64>, ReLU, Conv2d<64, 128, 7>, Flatten>;
using Decoder = Sequential<Unflatten<128, 1, 1>, ConvTranspose2d<128, 64, 7>, BatchNorm2d<64>, ReLU,
                           ConvTranspose2d<64, 32, 4, 2, 1>, BatchNorm2d<32>, ReLU,
                           ConvTranspose2d<32, 1, 4, 2, 1>, Sigmoid>;

constexpr auto& encoder = layer_table<Encoder, Image>;
static_assert(encoder.size() == 8);
static_assert(encoder[3].path.view() == "3");
static_assert(encoder[3].name.view() == "Conv2d<32, 64, 4, 2, 1>");
static_assert(encoder[3].input == make_dims(32, 14, 14));
static_assert(encoder[3].output == make_dims(64, 7, 7));
static_assert(encoder[3].formula.view() == "(14 + 2*1 - 4)/2 + 1 = 7");
static_assert(encoder[1].formula.view().empty() && encoder[7].formula.view().empty());
static_assert(encoder[3].window.kernel == 4 && encoder[3].window.stride == 2);
static_assert(encoder[3].window.padding == 1 && !encoder[3].window.transposed);
static_assert(encoder[1].window.kernel == 0 && encoder[7].window.kernel == 0);
static_assert(encoder[3].from == 3 && encoder[3].joined == -1);

static_assert(encoder[0].parameters == 32 * (1 * 16 + 1));
static_assert(encoder[1].parameters == 2 * 32);
static_assert(encoder[2].parameters == 0);
static_assert(encoder[3].parameters == 64 * (32 * 16 + 1));
static_assert(encoder[6].parameters == 128 * (64 * 49 + 1));

static_assert(encoder[0].multiply_adds == 32 * 14 * 14 * 1 * 16);
static_assert(encoder[3].multiply_adds == 64 * 7 * 7 * 32 * 16);
static_assert(encoder[6].multiply_adds == 128 * 64 * 49);
static_assert(encoder[1].multiply_adds == 0 && encoder[7].multiply_adds == 0);

static_assert(encoder[0].receptive_field == 4);  // 1 + 3 * 1
static_assert(encoder[1].receptive_field == 4);
static_assert(encoder[3].receptive_field == 10);  // 4 + 3 * 2
static_assert(encoder[6].receptive_field == 34);  // 10 + 6 * 4
static_assert(encoder[7].receptive_field == 34);

constexpr auto& autoencoder = layer_table<Sequential<Encoder, Decoder>, Image>;
static_assert(autoencoder.size() == 17);
static_assert(autoencoder[3].path.view() == "0.3");
static_assert(autoencoder[8].path.view() == "1.0" && autoencoder[8].receptive_field == 0);
static_assert(autoencoder[9].formula.view() == "(1 - 1)*1 - 2*0 + 7 = 7");
static_assert(autoencoder[12].formula.view() == "(7 - 1)*2 - 2*1 + 4 = 14");
static_assert(autoencoder[12].parameters == 64 * 32 * 16 + 32);
static_assert(autoencoder[12].multiply_adds == 64 * 7 * 7 * 32 * 16);
static_assert(autoencoder[16].output == Image::value);

// Channels to infer, no bias, sizes that do not divide, sides of different length.
using Odd = Sequential<Conv2d<infer, 5, 4, 3, 1, Bias::no>, Dropout<0.25>,
                       ConvTranspose2d<5, 2, 3, 2, 1, 1>, LeakyReLU<0.2>, Flatten, Linear<infer, 3>,
                       BatchNorm1d<3>>;
constexpr auto& odd = layer_table<Odd, Shape<2, 9, 6>>;
static_assert(odd[0].parameters == 5 * 2 * 16);
static_assert(odd[0].formula.view() == "(9 + 2*1 - 4)/3 + 1 = 3");  // 7 / 3 rounded down
static_assert(odd[0].width_formula.view() == "(6 + 2*1 - 4)/3 + 1 = 2");
static_assert(odd[0].multiply_adds == 5 * 3 * 2 * 2 * 16);
static_assert(odd[2].parameters == 5 * 2 * 9 + 2);
static_assert(odd[2].formula.view() == "(3 - 1)*2 - 2*1 + 3 + 1 = 6");
static_assert(odd[2].width_formula.view() == "(2 - 1)*2 - 2*1 + 3 + 1 = 4");
static_assert(odd[2].window.output_padding == 1 && odd[2].window.transposed);
static_assert(odd[2].multiply_adds == 5 * 3 * 2 * 2 * 9);
static_assert(odd[2].receptive_field == 7);  // 4 + (ceil(3 / 2) - 1) * 3
static_assert(odd[4].output == make_dims(48));
static_assert(odd[5].parameters == 3 * (48 + 1) && odd[5].multiply_adds == 48 * 3);
static_assert(odd[4].receptive_field == 7 && odd[5].receptive_field == 0);

// Where branches begin and meet.
constexpr auto& skip = layer_table<Concat<ReLU, Sequential<Tanh, Sigmoid>>, Shape<2, 9, 6>>;
static_assert(skip[1].from == 0 && skip[2].from == 2);
static_assert(skip[3].from == 3 && skip[3].joined == 1 && skip[3].output == make_dims(4, 9, 6));

// Pools multiply and learn nothing, but widen what is seen.
using Pooled =
    Sequential<Conv2d<1, 4, 3, 1, 1>, MaxPool2d<2>, Conv2d<4, 8, 3, 1, 1>, AvgPool2d<3, 2, 1>>;
constexpr auto& pooled = layer_table<Pooled, Shape<1, 9, 6>>;
static_assert(pooled[1].name.view() == "MaxPool2d<2, 2, 0>");
static_assert(pooled[1].formula.view() == "(9 + 2*0 - 2)/2 + 1 = 4");  // 7 / 2 rounded down
static_assert(pooled[3].formula.view() == "(4 + 2*1 - 3)/2 + 1 = 2");
static_assert(pooled[1].parameters == 0 && pooled[1].multiply_adds == 0);
static_assert(pooled[3].parameters == 0 && pooled[3].multiply_adds == 0);
static_assert(pooled[1].receptive_field == 4);   // 3 + 1 * 1
static_assert(pooled[3].receptive_field == 12);  // 4 + 2 * 2 + 2 * 2

// Group normalisation learns two numbers a channel, like the batch's.
constexpr auto& grouped = layer_table<GroupNorm<4, infer>, Shape<32, 7, 7>>;
static_assert(grouped[0].name.view() == "GroupNorm<4, infer>");
static_assert(grouped[0].parameters == 2 * 32 && grouped[0].multiply_adds == 0);

// A condition is a linear layer's worth of parameters, whatever the number of pixels.
constexpr auto& conditioned = layer_table<AddCondition<16, infer>, Shape<32, 7, 7>>;
static_assert(conditioned[0].name.view() == "AddCondition<16, infer>");
static_assert(conditioned[0].parameters == 32 * (16 + 1));
static_assert(conditioned[0].multiply_adds == 16 * 32);
static_assert(conditioned[0].receptive_field == 1);

// The end of a Residual and of each Concat's branch but the first is a row of its own, behind those
// of what is in it; it neither multiplies nor learns, and sees what the branch that sees most sees.
using Branched =
    Sequential<Conv2d<1, 8, 3, 1, 1>, Residual<GroupNorm<4, 8>, SiLU, Conv2d<8, 8, 3, 1, 1>>,
               Concat<Identity, Sequential<MaxPool2d<2>, Conv2d<8, 16, 3, 1, 1>, Upsample<2>>,
                      Conv2d<8, 4, 1>>>;
constexpr auto& branched = layer_table<Branched, Shape<1, 8, 6>>;
static_assert(branched.size() == 11);
static_assert(branched[3].path.view() == "1.2" && branched[4].path.view() == "1");
static_assert(branched[4].name.view() == "Residual" && branched[4].formula.view().empty());
static_assert(branched[4].input == make_dims(8, 8, 6) && branched[4].output == make_dims(8, 8, 6));
static_assert(branched[4].parameters == 0 && branched[4].multiply_adds == 0);
static_assert(branched[3].receptive_field == 5 && branched[4].receptive_field == 5);
static_assert(branched[5].path.view() == "2.1.0" && branched[7].path.view() == "2.1.2");
static_assert(branched[7].output == make_dims(16, 8, 6));
static_assert(branched[7].receptive_field == 10);  // 5 + 1 * 1, then + 2 * 2
static_assert(branched[8].path.view() == "2.2" && branched[8].input == make_dims(8, 8, 6));
static_assert(branched[8].receptive_field == 5);
static_assert(branched[9].path.view() == "2" && branched[9].name.view() == "Concat");
static_assert(branched[9].input == make_dims(16, 8, 6));
static_assert(branched[9].output == make_dims(8 + 16, 8, 6) && branched[9].receptive_field == 10);
static_assert(branched[10].path.view() == "2" && branched[10].input == make_dims(4, 8, 6));
static_assert(branched[10].output == make_dims(8 + 16 + 4, 8, 6));
static_assert(branched[10].receptive_field == 10);
static_assert(layer_table<Residual<>, Shape<4>>[0].path.view().empty());

// Upsampling neither learns nor widens what is seen, but the convolution behind it sees finer
// steps.
using Upsampled = Sequential<Conv2d<1, 4, 3, 2, 1>, Upsample<2>, Conv2d<4, 1, 3, 1, 1>>;
constexpr auto& upsampled = layer_table<Upsampled, Shape<1, 8, 8>>;
static_assert(upsampled[1].name.view() == "Upsample<2>");
static_assert(upsampled[1].formula.view() == "(4 - 1)*2 - 2*0 + 2 = 8");
static_assert(upsampled[1].parameters == 0 && upsampled[1].multiply_adds == 0);
static_assert(upsampled[1].receptive_field == 3);
static_assert(upsampled[2].receptive_field == 5);  // 3 + 2 * 2 / 2

// One layer is a network, too; its path is empty. Elementwise layers see one value.
static_assert(layer_table<Linear<4, 2>, Shape<4>>[0].path.view().empty());
static_assert(layer_table<ReLU, Shape<4>>[0].receptive_field == 1);
static_assert(layer_table<Sequential<>, Shape<4>>.empty());

TEST(LayerTable, PrintsAlignedColumnsAndTotals) {
  std::ostringstream out;
  print(out, odd);
  EXPECT_EQ(
      out.str(),
      R"(   layer                              input      output     height                       parameters  multiply-adds  sees
0  Conv2d<infer, 5, 4, 3, 1>          2 x 9 x 6  5 x 3 x 2  (9 + 2*1 - 4)/3 + 1 = 3             160            960     4
1  Dropout<0.25>                      5 x 3 x 2  5 x 3 x 2                                        0              0     4
2  ConvTranspose2d<5, 2, 3, 2, 1, 1>  5 x 3 x 2  2 x 6 x 4  (3 - 1)*2 - 2*1 + 3 + 1 = 6          92            540     7
3  LeakyReLU<0.2>                     2 x 6 x 4  2 x 6 x 4                                        0              0     7
4  Flatten                            2 x 6 x 4  48                                               0              0     7
5  Linear<infer, 3>                   48         3                                              147            144   all
6  BatchNorm1d<3>                     3          3                                                6              0   all
   total                                                                                        405           1644
)");
}

TEST(LayerTable, ShortNamesLeaveOutWhatTheRowShows) {
  EXPECT_EQ(short_name(odd[0]), "Conv2d");
  EXPECT_EQ(short_name(odd[1]), "Dropout<0.25>");
  EXPECT_EQ(short_name(odd[4]), "Flatten");
  EXPECT_EQ(short_name(odd[6]), "BatchNorm1d");
}

TEST(LayerTable, IsPrintedInTheDocument) {
  std::ifstream file(LAMINA_TEST_FIXTURES "/../../docs/shapes.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  std::ostringstream out;
  print(out, encoder);
  EXPECT_NE(document.find(out.str()), std::string::npos) << out.str();
}

TEST(LayerTable, PrintsPathsOfNestedNetworks) {
  std::ostringstream out;
  print(out, autoencoder);
  const std::string text = out.str();
  EXPECT_NE(text.find("\n0.3  Conv2d<32, 64, 4, 2, 1> "), std::string::npos) << text;
  EXPECT_NE(text.find("\n1.8  Sigmoid "), std::string::npos) << text;
  EXPECT_NE(text.find("870081        4214784\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace lamina
