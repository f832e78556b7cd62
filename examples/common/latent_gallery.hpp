// SPDX-License-Identifier: MIT
#pragma once
// Pictures of what an autoencoder does: reconstructions, and walks through its latent space.

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/random.hpp"
#include "lamina/data/fashion_mnist.hpp"
#include "lamina/plot/mosaic.hpp"

#include "common/evaluation.hpp"
#include "common/numbers.hpp"

namespace examples {

/// Decodes latent vectors, one per row of `latents`, into pictures.
template <Coder C>
std::vector<lamina::plot::Picture> decoded(C& coder, const lamina::Tensor<Latent>& latents) {
  return lamina::plot::pictures_of(coder.decode(latents).array());
}

template <Coder C>
lamina::Tensor<Latent> encoded(C& coder, const lamina::Tensor<Image>& images) {
  return lamina::Tensor<Latent>(coder.encode(images));
}

/// Test images above their reconstructions, with class and error.
template <Coder C>
lamina::plot::Picture draw_reconstructions(C& coder, const lamina::Dataset<Image>& test,
                                           const std::string& title) {
  const EvaluationMode evaluation(coder);
  const auto positions = one_of_each_class(test);
  const auto images = batch_of(test, positions);
  const auto output = coder.decode(coder.encode(images));
  std::vector<std::string> names;
  std::vector<std::string> errors;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    names.push_back(class_name(test, positions[i]));
    errors.push_back(
        with_digits(lamina::mse_loss(output.images(i, 1), images.images(i, 1)).value, 5));
  }
  lamina::plot::Mosaic mosaic(title);
  mosaic.column_labels(names);
  mosaic.row(lamina::plot::pictures_of(images.array()), "test image");
  mosaic.row(lamina::plot::pictures_of(output.array()), "reconstruction", errors);
  return mosaic.draw();
}

/// Images decoded from t z for a row of t, where z is the latent vector of a test image.
template <Coder C>
lamina::plot::Picture draw_scaled(C& coder, const lamina::Dataset<Image>& test,
                                  const std::string& title) {
  constexpr std::array factors{0.1F, 0.25F, 0.5F, 0.75F, 1.0F, 1.25F, 1.5F, 2.0F, 3.0F, 5.0F};
  const EvaluationMode evaluation(coder);
  const auto positions = one_of_each_class(test);
  const std::vector<std::size_t> chosen{positions.front(), positions.at(1), positions.at(5),
                                        positions.at(8), positions.at(9)};
  const auto images = batch_of(test, chosen);
  const auto z = encoded(coder, images);
  const auto originals = lamina::plot::pictures_of(images.array());

  lamina::plot::Mosaic mosaic(title);
  std::vector<std::string> labels{"image"};
  for (const float factor : factors)
    labels.push_back("t = " + with_digits(factor, 2));
  mosaic.column_labels(labels);
  lamina::Tensor<Latent> scaled(factors.size());
  for (std::size_t n = 0; n < chosen.size(); ++n) {
    for (std::size_t k = 0; k < factors.size(); ++k)
      for (std::size_t i = 0; i < latent_size; ++i)
        scaled.array()(k, i) = factors[k] * z.array()(n, i);
    auto row = decoded(coder, scaled);
    row.insert(row.begin(), originals[n]);
    mosaic.row(std::move(row), class_name(test, chosen[n]));
  }
  return mosaic.draw();
}

/// Images decoded along the straight line between the latent vectors of two test images.
template <Coder C>
lamina::plot::Picture draw_interpolation(C& coder, const lamina::Dataset<Image>& test,
                                         const std::string& title) {
  constexpr std::array<std::pair<std::size_t, std::size_t>, 5> pairs{
      {{0, 1}, {2, 3}, {5, 9}, {7, 8}, {4, 6}}};  // classes
  constexpr std::size_t steps = 9;
  const EvaluationMode evaluation(coder);
  const auto positions = one_of_each_class(test);

  lamina::plot::Mosaic mosaic(title);
  std::vector<std::string> labels{"from"};
  for (std::size_t k = 0; k < steps; ++k)
    labels.push_back(with_digits(static_cast<double>(k) / (steps - 1), 3));
  labels.emplace_back("to");
  mosaic.column_labels(labels);
  lamina::Tensor<Latent> between(steps);
  for (const auto& [from, to] : pairs) {
    const auto ends = batch_of(test, {positions.at(from), positions.at(to)});
    const auto z = encoded(coder, ends);
    for (std::size_t k = 0; k < steps; ++k) {
      const float share = static_cast<float>(k) / (steps - 1);
      for (std::size_t i = 0; i < latent_size; ++i)
        between.array()(k, i) = (1.0F - share) * z.array()(0, i) + share * z.array()(1, i);
    }
    const auto originals = lamina::plot::pictures_of(ends.array());
    auto row = decoded(coder, between);
    row.insert(row.begin(), originals[0]);
    row.push_back(originals[1]);
    mosaic.row(std::move(row),
               class_name(test, positions[from]) + " - " + class_name(test, positions[to]));
  }
  return mosaic.draw();
}

/// `count` latent vectors of a standard normal distribution.
inline lamina::Tensor<Latent> normal_latents(std::size_t count, lamina::Seed seed) {
  lamina::Tensor<Latent> z(count);
  lamina::Cpu::normal(z.span().size(), lamina::Philox(seed, lamina::Stream::latent), 0, z.data());
  return z;
}

/// Images decoded from latent vectors drawn from a standard normal distribution.
template <Coder C>
lamina::plot::Picture draw_random(C& coder, lamina::Seed seed, int columns,
                                  const std::string& title) {
  constexpr std::size_t count = 64;
  const EvaluationMode evaluation(coder);
  return lamina::plot::grid(decoded(coder, normal_latents(count, seed)), columns, title);
}

}  // namespace examples
