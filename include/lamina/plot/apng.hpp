// SPDX-License-Identifier: MIT
#pragma once
// An animated PNG: an ordinary PNG of the first picture, with the others in chunks that viewers without
// animation skip. Needs libpng and zlib's checksum (lamina::plot).
// ref    APNG 1.0, now part of the PNG specification (third edition), section 11.3.6

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <zlib.h>

#include "lamina/core/isa.hpp"
#include "lamina/plot/image.hpp"
#include "lamina/plot/png.hpp"

namespace lamina::inline LAMINA_ISA::plot {

namespace detail {

/// Writes a PNG stream chunk by chunk.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::vector<std::byte>& out) : out_(out) {}

  void number(std::uint32_t value, int bytes = 4) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      data_.push_back(static_cast<std::byte>(value >> static_cast<unsigned>(shift)));
  }
  void bytes(std::span<const std::byte> more) {
    data_.insert(data_.end(), more.begin(), more.end());
  }

  /// Ends the chunk whose data was written since the last one: length, type, data, checksum.
  void chunk(std::string_view type) {
    const auto length = static_cast<std::uint32_t>(data_.size());
    std::vector<std::byte> body;
    for (const char c : type)
      body.push_back(static_cast<std::byte>(c));
    body.insert(body.end(), data_.begin(), data_.end());
    data_.clear();
    number(length);
    const auto sum =
        ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
    out_.insert(out_.end(), data_.begin(), data_.end());
    out_.insert(out_.end(), body.begin(), body.end());
    data_.clear();
    number(static_cast<std::uint32_t>(sum));
    out_.insert(out_.end(), data_.begin(), data_.end());
    data_.clear();
  }

 private:
  std::vector<std::byte>& out_;
  std::vector<std::byte> data_;
};

/// A chunk of a PNG that libpng has written.
struct Chunk {
  std::string_view type;
  std::span<const std::byte> data;
};

inline std::vector<Chunk> chunks_of(std::span<const std::byte> png) {
  constexpr std::size_t signature = 8;
  std::vector<Chunk> chunks;
  for (std::size_t at = signature; at + 12 <= png.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
      length = length << 8U | std::to_integer<std::size_t>(png[at + i]);
    chunks.push_back(
        {{reinterpret_cast<const char*>(png.data()) + at + 4, 4}, png.subspan(at + 8, length)});
    at += length + 12;
  }
  return chunks;
}

}  // namespace detail

/// The pictures, each shown for `milliseconds`, the last one four times as long (at most
/// 65,535 ms); then from the start.
/// errors run: no picture, pictures of different sizes
inline std::vector<std::byte> encode_apng(std::span<const Picture> pictures,
                                          std::uint16_t milliseconds) {
  if (pictures.empty()) throw std::invalid_argument("an animation needs at least one picture");
  const std::vector<std::byte> first = encode_png(pictures.front());
  std::vector<std::byte> out(first.begin(), first.begin() + 8);
  detail::ChunkWriter writer(out);
  std::uint32_t sequence = 0;
  for (std::size_t frame = 0; frame < pictures.size(); ++frame) {
    const Picture& picture = pictures[frame];
    if (picture.width() != pictures.front().width() ||
        picture.height() != pictures.front().height())
      throw std::invalid_argument("the pictures of an animation must be of one size");
    const std::vector<std::byte> png = frame == 0 ? first : encode_png(picture);
    bool controlled = false;
    for (const auto& [type, data] : detail::chunks_of(png)) {
      if (type != "IDAT") {
        if (frame > 0 || type == "IEND") continue;
        writer.bytes(data);
        writer.chunk(type);
        if (type != "IHDR") continue;
        writer.number(static_cast<std::uint32_t>(pictures.size()));
        writer.number(0);  // plays for ever
        writer.chunk("acTL");
        continue;
      }
      if (!controlled) {
        writer.number(sequence++);
        writer.number(static_cast<std::uint32_t>(picture.width()));
        writer.number(static_cast<std::uint32_t>(picture.height()));
        writer.number(0);  // offset
        writer.number(0);
        const bool last = frame + 1 == pictures.size();
        writer.number(last ? (std::min)(4U * milliseconds, 65'535U) : milliseconds, 2);
        writer.number(1000, 2);
        writer.number(0, 1);  // leave the frame as it is
        writer.number(0, 1);  // replace the one before
        writer.chunk("fcTL");
        controlled = true;
      }
      if (frame > 0) writer.number(sequence++);
      writer.bytes(data);
      writer.chunk(frame > 0 ? "fdAT" : "IDAT");
    }
  }
  writer.chunk("IEND");
  return out;
}

}  // namespace lamina::inline LAMINA_ISA::plot
