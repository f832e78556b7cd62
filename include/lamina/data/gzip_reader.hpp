// SPDX-License-Identifier: MIT
#pragma once
// Reads a stream that is either plain or gzip, told apart by its first two bytes. zlib's own gzread
// passes over bytes behind a gzip stream without a word; here those, a truncated stream and a wrong
// checksum are errors.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <span>
#include <string>
#include <utility>

#include <zlib.h>

#include "lamina/core/isa.hpp"
#include "lamina/io/input_file.hpp"

namespace lamina::inline LAMINA_ISA::impl {

class GzipReader {
 public:
  /// Takes the stream from where it stands to its end; name is for the error messages.
  GzipReader(std::istream& in, std::string name) : in_{in}, name_{std::move(name)} {
    refill();
    gzip_ = zlib_.avail_in >= 2 && input_[0] == 0x1f && input_[1] == 0x8b;
    constexpr int gzip_window_bits = 15 + 16;  // the largest window; + 16 asks for the gzip wrapper
    if (gzip_ && inflateInit2(&zlib_, gzip_window_bits) != Z_OK) {
      throw file_error(name_, "zlib to start", "an error from it", "free some memory");
    }
  }

  ~GzipReader() {
    if (gzip_) inflateEnd(&zlib_);
  }

  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Fills out with what comes next and returns how many bytes that were: fewer than asked for only
  /// at the end. Having returned fewer, it has checked everything up to the last byte of the
  /// stream.
  std::size_t read(std::span<std::uint8_t> out) {
    std::size_t filled = 0;
    while (filled < out.size() && !at_end_) {
      // zlib counts in unsigned int; a piece at a time keeps within it.
      const auto piece = out.subspan(filled, (std::min)(out.size() - filled, std::size_t{1} << 30));
      filled += gzip_ ? read_gzip(piece) : read_plain(piece);
    }
    return filled;
  }

 private:
  std::size_t read_plain(std::span<std::uint8_t> out) {
    if (zlib_.avail_in == 0) refill();
    at_end_ = zlib_.avail_in == 0;
    const std::size_t count = (std::min)(out.size(), std::size_t{zlib_.avail_in});
    std::copy_n(zlib_.next_in, count, out.data());
    zlib_.next_in += count;
    zlib_.avail_in -= static_cast<uInt>(count);
    return count;
  }

  std::size_t read_gzip(std::span<std::uint8_t> out) {
    if (zlib_.avail_in == 0) refill();
    if (zlib_.avail_in == 0) {
      throw file_error(name_, "a whole gzip stream", "one that breaks off", "fetch the file again");
    }
    zlib_.next_out = out.data();
    zlib_.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&zlib_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      next_member();
    } else if (status != Z_OK) {
      throw file_error(
          name_, "a sound gzip stream",
          std::string{"a damaged one ("} + (zlib_.msg ? zlib_.msg : zError(status)) + ")",
          "fetch the file again");
    }
    return out.size() - zlib_.avail_out;
  }

  /// A gzip file may be several streams in a row; anything else behind the first is an error.
  void next_member() {
    if (zlib_.avail_in == 0) refill();
    at_end_ = zlib_.avail_in == 0;
    if (at_end_) return;
    if (*zlib_.next_in != 0x1f) {
      throw file_error(name_, "the end of the file behind the gzip stream", "more bytes",
                       "fetch the file again");
    }
    inflateReset(&zlib_);
  }

  void refill() {
    in_.read(reinterpret_cast<char*>(input_.data()), static_cast<std::streamsize>(input_.size()));
    if (in_.bad()) {
      throw file_error(name_, "to read the file to its end", "an input error",
                       "check the disk and the permissions");
    }
    zlib_.next_in = input_.data();
    zlib_.avail_in = static_cast<uInt>(in_.gcount());
  }

  std::istream& in_;
  std::string name_;
  std::array<std::uint8_t, std::size_t{1} << 16> input_;
  z_stream zlib_{};
  bool gzip_ = false;
  bool at_end_ = false;
};

}  // namespace lamina::inline LAMINA_ISA::impl
