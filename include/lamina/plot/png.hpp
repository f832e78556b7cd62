// SPDX-License-Identifier: MIT
#pragma once
// Pictures as PNG. The same picture gives the same bytes: no time stamps, no text. Needs libpng
// (lamina::plot).

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <png.h>

#include "lamina/core/isa.hpp"
#include "lamina/io/atomic_file.hpp"
#include "lamina/plot/image.hpp"

namespace lamina::inline LAMINA_ISA::plot {

inline std::vector<std::byte> encode_png(const Picture& picture) {
  const auto interleaved = picture.pixels().get_permute_axes("cxyz");
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.format = PNG_FORMAT_RGB;
  header.width = static_cast<png_uint_32>(picture.width());
  header.height = static_cast<png_uint_32>(picture.height());

  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&header, bytes.data(), &size, /*convert_to_8_bit*/ 0,
                                interleaved.data(), /*row_stride*/ 0,
                                /*colormap*/ nullptr) == 0)
    throw std::runtime_error(std::string{"cannot encode a picture as PNG: "} + header.message);
  bytes.resize(size);
  return bytes;
}

/// Replaces the file in one step.
/// errors run: an unwritable folder, a full disk
inline void save_png(const std::filesystem::path& path, const Picture& picture) {
  write_file_atomically(path, encode_png(picture));
}

/// A PNG of any kind as a picture.
/// errors run: no such file, or none that libpng reads
inline Picture load_png(const std::filesystem::path& path) {
  Picture picture{1, 1};
  Picture::Pixels& pixels = picture.pixels();
  try {
    pixels.load_png(path.string().c_str());
  } catch (const cimg_library::CImgException& error) {
    throw std::runtime_error("cannot read the picture '" + path.string() + "': " + error.what());
  }
  if (pixels.spectrum() < 3) pixels.channel(0).resize(-100, -100, 1, 3);
  pixels.channels(0, 2);
  return picture;
}

}  // namespace lamina::inline LAMINA_ISA::plot
