// SPDX-License-Identifier: MIT
// What the score says of sets of images that anybody can make again. A score means nothing outside of its
// classifier; these figures, taken with two classifiers, tell how their scales compare.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>

#include <Eigen/Eigenvalues>

#include "lamina/core/random.hpp"
#include "lamina/data/batches.hpp"
#include "lamina/data/fashion_mnist.hpp"

#include "common/command_line.hpp"
#include "common/images.hpp"
#include "common/numbers.hpp"
#include "common/score.hpp"

namespace examples {
namespace {

/// An image a row.
using Images = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr auto pixels = static_cast<Eigen::Index>(Image::size);
constexpr Eigen::Index components = 128;

Images images_of(const lamina::Dataset<Image>& set) {
  Images images(static_cast<Eigen::Index>(set.size()), pixels);
  float* to = images.data();
  for (const auto& batch : lamina::batches(set, 125, lamina::InOrder{}))
    to = std::ranges::copy(batch.images.span(), to).out;
  return images;
}

double score_of(Score& score, const Images& images) {
  lamina::Tensor<Image> batch;
  return score.of([&](std::size_t first, std::size_t count) -> lamina::TensorRef<Image> {
    batch = lamina::Tensor<Image>(count);
    std::ranges::copy_n(images.data() + first * Image::size,
                        static_cast<std::ptrdiff_t>(count * Image::size), batch.data());
    return batch;
  });
}

const lamina::Philox philox(lamina::Seed{1}, lamina::Stream::latent);

Images normal(Eigen::Index rows, Eigen::Index columns) {
  Images values(rows, columns);
  lamina::Cpu::normal(static_cast<std::size_t>(values.size()), philox, 0, values.data());
  return values;
}

Images uniform(Eigen::Index rows, Eigen::Index columns) {
  std::uint64_t index = 0;
  return Images::NullaryExpr(rows, columns, [&] {
    const auto words = philox(1, index / 4);
    return lamina::uniform(words[index++ % 4]);
  });
}

int run(const std::string& path) {
  const auto data = lamina::datasets::fashion_mnist(path);
  const Images train = images_of(data.train);
  const Images test = images_of(data.test);
  const auto count = (std::min)(train.rows(), test.rows());
  Score score(data.test);
  const auto say = [&](const std::string& what, const Images& images) {
    std::cout << with_digits(score_of(score, images.cwiseMax(0.0F).cwiseMin(1.0F)), 2) << "  "
              << what << std::endl;
  };

  const Eigen::RowVectorXf mean = train.colwise().mean();
  const Images centred = train.rowwise() - mean;
  const Eigen::MatrixXd covariance =
      (centred.transpose() * centred).cast<double>() / static_cast<double>(train.rows());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> principal(covariance);
  const Eigen::MatrixXf axes = principal.eigenvectors().rightCols(components).cast<float>();
  const Eigen::VectorXf spreads =
      principal.eigenvalues().tail(components).cwiseSqrt().cast<float>();
  const Images codes = (test.rowwise() - mean) * axes;
  const Images drawn = normal(count, components) * spreads.asDiagonal();

  say("as many training images", train.topRows(count));
  say("test images, rebuilt from their 128 principal components",
      (codes * axes.transpose()).rowwise() + mean);
  say("samples of a normal distribution of these components",
      (drawn * axes.transpose()).rowwise() + mean);
  say("uniform noise", uniform(count, pixels));
  return 0;
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  std::string data;
  examples::CommandLine line("Scores sets of images that anybody can make again.", "score_scale");
  line.add("--data", data, "folder of the data set");
  return line.run(argc, argv, [&] { return examples::run(data); });
}
