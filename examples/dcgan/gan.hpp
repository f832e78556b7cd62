// SPDX-License-Identifier: MIT
#pragma once
// The GANs that this program trains, on whatever device, behind one interface for images of one shape: what
// trains a GAN is compiled once for each shape, and each GAN is a source file of its own.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/random.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/generative/gan_options.hpp"

#include "common/device.hpp"
#include "common/learner.hpp"

namespace examples {

using GanLatent = lamina::Shape<100, 1, 1>;

/// The figures of a step, those of a lamina::GanStep, as metrics.csv and steps.csv name them.
inline const std::vector<std::string> gan_figures{"d_loss", "g_loss",       "d_real",
                                                  "d_fake", "d_fake_after", "d_accuracy"};

/// Its states begin with "generator.", "discriminator.", "generator_adam." and "discriminator_adam.".
template <class Image>
class AnyGan : public Learner<Image> {
 public:
  /// Valid until the next call.
  virtual lamina::TensorRef<Image> generate(const lamina::TensorRef<GanLatent>& z) = 0;

  /// The generator's mode.
  virtual bool training() = 0;
  virtual void train(bool on) = 0;

  /// Titles and tables.
  virtual std::vector<std::pair<std::string, std::string>> layer_tables() const = 0;
};

/// errors run: as cuda_learners
std::unique_ptr<Gan28> make_gan28_width64(lamina::Seed seed, const lamina::GanOptions& options,
                                          Device device);
std::unique_ptr<Gan28> make_gan28_width128(lamina::Seed seed, const lamina::GanOptions& options,
                                           Device device);
std::unique_ptr<Gan64> make_gan64(lamina::Seed seed, const lamina::GanOptions& options,
                                  Device device);

}  // namespace examples
