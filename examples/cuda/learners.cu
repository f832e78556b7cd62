// SPDX-License-Identifier: MIT
// All that the programs train on an NVIDIA GPU. One unit, as most of what it takes to compile is headers and the
// kernels that all of it shares.

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include "lamina/cuda.hpp"

#include "classifier/classifier_on.hpp"
#include "common/autoencoder_of.hpp"
#include "common/device.hpp"
#include "common/vae_on.hpp"
#include "dcgan/gan_of.hpp"
#include "diffusion/diffusion_on.hpp"

namespace examples {
namespace {

using lamina::Cuda;
using lamina::GanOptions;
using lamina::Seed;

class Learners final : public CudaLearners {
 public:
  std::unique_ptr<AutoencoderLearner> autoencoder(const std::string& kind,
                                                  Seed seed) const override {
    if (kind == FullyConnected::name)
      return std::make_unique<AutoencoderOf<FullyConnected, Cuda>>(seed);
    return std::make_unique<AutoencoderOf<Convolutional, Cuda>>(seed);
  }
  std::unique_ptr<ClassifierLearner> classifier(Seed seed) const override {
    return std::make_unique<ClassifierOn<Cuda>>(seed);
  }
  std::unique_ptr<DiffusionLearner> diffusion(Seed seed, const lamina::NoiseSchedule& schedule,
                                              float ema) const override {
    return std::make_unique<DiffusionOn<Cuda>>(seed, schedule, ema);
  }
  std::unique_ptr<Gan28> gan28_width64(Seed seed, const GanOptions& options) const override {
    return std::make_unique<GanOf<Dcgan28Of<64>, Cuda>>(seed, options);
  }
  std::unique_ptr<Gan28> gan28_width128(Seed seed, const GanOptions& options) const override {
    return std::make_unique<GanOf<Dcgan28Of<128>, Cuda>>(seed, options);
  }
  std::unique_ptr<Gan64> gan64(Seed seed, const GanOptions& options) const override {
    return std::make_unique<GanOf<GreyDcgan64, Cuda>>(seed, options);
  }
  std::unique_ptr<VaeLearner> vae(Seed seed, lamina::PixelModel pixels, float beta) const override {
    return std::make_unique<VaeOn<Cuda>>(seed, pixels, beta);
  }
  void require_devices(std::size_t count) const override { lamina::require_devices<Cuda>(count); }
  std::string device_name(std::size_t device) const override { return Cuda::device_name(device); }
};

}  // namespace

const CudaLearners& cuda_learners() {
  static const Learners learners;
  if (const std::string why = Cuda::why_unavailable(); !why.empty())
    throw std::runtime_error(why + " (here: --device cpu)");
  return learners;
}

}  // namespace examples
