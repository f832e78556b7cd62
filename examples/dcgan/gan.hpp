// SPDX-License-Identifier: MIT
#pragma once
// The GANs that this program trains, behind one interface for images of one shape: what trains a GAN is
// compiled once for each shape, and each GAN is a source file of its own.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/random.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/generative/gan_options.hpp"
#include "lamina/model/named_tensor.hpp"

namespace examples {

using GanLatent = lamina::Shape<100, 1, 1>;

template <class Image>
class AnyGan {
 public:
  AnyGan() = default;
  AnyGan(const AnyGan&) = delete;
  AnyGan& operator=(const AnyGan&) = delete;
  virtual ~AnyGan() = default;

  virtual lamina::GanStep step(const lamina::TensorRef<Image>& real, std::uint64_t number) = 0;
  /// Valid until the next call.
  virtual lamina::TensorRef<Image> generate(const lamina::TensorRef<GanLatent>& z) = 0;

  /// The generator's mode.
  virtual bool training() = 0;
  virtual void train(bool on) = 0;

  virtual lamina::State<lamina::Cpu> generator_state() = 0;
  virtual lamina::State<lamina::Cpu> discriminator_state() = 0;
  virtual lamina::State<lamina::Cpu> generator_adam_state() = 0;
  virtual lamina::State<lamina::Cpu> discriminator_adam_state() = 0;
  virtual std::vector<lamina::NamedCounter> passes() = 0;

  /// Titles and tables.
  virtual std::vector<std::pair<std::string, std::string>> layer_tables() const = 0;
};

using Gan28 = AnyGan<lamina::Shape<1, 28, 28>>;
using Gan64 = AnyGan<lamina::Shape<1, 64, 64>>;

std::unique_ptr<Gan28> make_gan28_width64(lamina::Seed seed, const lamina::GanOptions& options);
std::unique_ptr<Gan28> make_gan28_width128(lamina::Seed seed, const lamina::GanOptions& options);
std::unique_ptr<Gan64> make_gan64(lamina::Seed seed, const lamina::GanOptions& options);

}  // namespace examples
