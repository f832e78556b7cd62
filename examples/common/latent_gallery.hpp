// SPDX-License-Identifier: MIT
#pragma once
// Pictures of what an autoencoder does: reconstructions, and walks through its latent space.

#include <string>

#include "lamina/core/random.hpp"
#include "lamina/data/fashion_mnist.hpp"

#include "common/coder.hpp"
#include "common/pictures.hpp"

namespace examples {

/// Test images above their reconstructions, with class and error.
Png draw_reconstructions(Coder& coder, const lamina::Dataset<Image>& test,
                         const std::string& title);

/// Images decoded from t z for a row of t, where z is the latent vector of a test image.
Png draw_scaled(Coder& coder, const lamina::Dataset<Image>& test, const std::string& title);

/// Images decoded along the straight line between the latent vectors of two test images.
Png draw_interpolation(Coder& coder, const lamina::Dataset<Image>& test, const std::string& title);

/// Images decoded from latent vectors drawn from a standard normal distribution.
Png draw_random(Coder& coder, lamina::Seed seed, int columns, const std::string& title);

/// The images' latent vectors in the plane of their two largest principal components, coloured by
/// class. The title says how much of the variance both components hold.
Png draw_projection(Coder& coder, const lamina::Dataset<Image>& images, const std::string& title);

}  // namespace examples
