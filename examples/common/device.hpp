// SPDX-License-Identifier: MIT
#pragma once
// Where a program trains: what it trains on an NVIDIA GPU is one unit for all programs, which nvcc compiles. In a
// build without CUDA another one stands in for it and says so.

#include <cstddef>
#include <memory>
#include <string>

#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/shape.hpp"
#include "lamina/generative/gan_options.hpp"

namespace lamina {
enum class PixelModel;
}
namespace lamina::inline LAMINA_ISA {
class NoiseSchedule;
}

namespace examples {

enum class Device { cpu, cuda };

class AutoencoderLearner;
class ClassifierLearner;
class DiffusionLearner;
class VaeLearner;
template <class Image>
class AnyGan;
using Gan28 = AnyGan<lamina::Shape<1, 28, 28>>;
using Gan64 = AnyGan<lamina::Shape<1, 64, 64>>;

/// Makes what the programs train, on an NVIDIA GPU.
class CudaLearners {
 public:
  virtual std::unique_ptr<AutoencoderLearner> autoencoder(const std::string& kind,
                                                          lamina::Seed seed) const = 0;
  virtual std::unique_ptr<ClassifierLearner> classifier(lamina::Seed seed) const = 0;
  virtual std::unique_ptr<DiffusionLearner> diffusion(lamina::Seed seed,
                                                      const lamina::NoiseSchedule& schedule,
                                                      float ema) const = 0;
  virtual std::unique_ptr<Gan28> gan28_width64(lamina::Seed seed,
                                               const lamina::GanOptions& options) const = 0;
  virtual std::unique_ptr<Gan28> gan28_width128(lamina::Seed seed,
                                                const lamina::GanOptions& options) const = 0;
  virtual std::unique_ptr<Gan64> gan64(lamina::Seed seed,
                                       const lamina::GanOptions& options) const = 0;
  virtual std::unique_ptr<VaeLearner> vae(lamina::Seed seed, lamina::PixelModel pixels,
                                          float beta) const = 0;

  /// errors run: as lamina::require_devices
  virtual void require_devices(std::size_t count) const = 0;
  /// As lamina::Cuda's.
  virtual std::string device_name(std::size_t device) const = 0;

 protected:
  ~CudaLearners() = default;
};

/// errors run: a program that was built without CUDA; lamina::NoCudaDevice
const CudaLearners& cuda_learners();

}  // namespace examples
