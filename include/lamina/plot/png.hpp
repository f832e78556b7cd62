// SPDX-License-Identifier: MIT
#pragma once
// Pictures as PNG. The same picture gives the same bytes: no time stamps, no text. Needs libpng
// (lamina::plot).

#include <cstddef>
#include <filesystem>
#include <memory>
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

/// A PNG of any kind as a picture: 16 bits are rounded to 8, what is transparent shows white.
/// errors run: no such file, or none that libpng reads
inline Picture load_png(const std::filesystem::path& path) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> owner{&header, &png_image_free};
  const auto check = [&](int success) {
    if (success == 0)
      throw std::runtime_error("cannot read the picture '" + path.string() +
                               "': " + header.message);
  };
  check(png_image_begin_read_from_file(&header, path.string().c_str()));
  header.format = PNG_FORMAT_RGB;
  header.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  Picture::Pixels interleaved{3, header.width, header.height, 1, 255};
  check(png_image_finish_read(&header, /*background*/ nullptr, interleaved.data(),
                              /*row_stride*/ 0, /*colormap*/ nullptr));
  Picture picture{1, 1};
  picture.pixels() = interleaved.get_permute_axes("yzcx");
  return picture;
}

}  // namespace lamina::inline LAMINA_ISA::plot
