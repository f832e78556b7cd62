// SPDX-License-Identifier: MIT
// read_idx: what a good file gives, and one sentence for each way in which a file can be wrong.

#include "lamina/data/idx.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "idx_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace idx_test {

using lamina::read_idx;
using support::error_text;
using support::gzip;
using support::idx_header;
using support::says;

class Idx : public testing::Test {
 protected:
  std::string error_of(std::string_view bytes, std::size_t rank) {
    const auto file = folder.write("file", bytes);
    const auto text = error_text<std::runtime_error>([&] { read_idx(file, rank); });
    EXPECT_TRUE(says(text, file.string(), "expected", "got"));
    return text;
  }

  support::TemporaryFolder folder;
  const std::string six = idx_header({2, 3}) + std::string{"\x00\x01\x02\xfd\xfe\xff", 6};
  const std::vector<std::uint8_t> six_values{0, 1, 2, 253, 254, 255};
};

TEST_F(Idx, ReadsPlainAndGzipAlike) {
  for (const auto& bytes : {six, gzip(six)}) {
    const auto array = read_idx(folder.write("file", bytes), 2);
    EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(array.data, six_values);
  }
}

TEST_F(Idx, ReadsGzipStreamsInARow) {
  const auto array =
      read_idx(folder.write("file", gzip(six.substr(0, 9)) + gzip(six.substr(9))), 2);
  EXPECT_EQ(array.data, six_values);
}

TEST_F(Idx, ReadsMoreThanOneBuffer) {
  std::string elements(3'000'000, '\0');
  for (std::size_t i = 0; i < elements.size(); ++i)
    elements[i] = static_cast<char>(i * i >> 7U);
  const std::string bytes = idx_header({3, 1000, 1000}) + elements;
  for (const auto& content : {bytes, gzip(bytes)}) {
    const auto array = read_idx(folder.write("file", content), 3);
    EXPECT_TRUE(std::ranges::equal(array.data, elements, {}, {},
                                   [](char c) { return static_cast<std::uint8_t>(c); }));
  }
}

TEST_F(Idx, ReadsArraysWithoutElements) {
  const auto array = read_idx(folder.write("file", idx_header({0, 28, 28})), 3);
  EXPECT_EQ(array.shape, (std::vector<std::size_t>{0, 28, 28}));
  EXPECT_TRUE(array.data.empty());
}

TEST_F(Idx, RefusesWhatIsNoFile) {
  EXPECT_TRUE(says(error_text<std::runtime_error>([&] { read_idx(folder / "none", 1); }),
                   "a regular file", "nothing there"));
  EXPECT_TRUE(says(error_text<std::runtime_error>([&] { read_idx(folder.path(), 1); }),
                   "a regular file", "something else"));
}

TEST_F(Idx, RefusesAnotherMagicNumber) {
  EXPECT_TRUE(says(error_of("", 2), "0x00000802", "an empty file"));
  EXPECT_TRUE(says(error_of(six.substr(0, 3), 2), "0x00000802", "0x000008;"));
  EXPECT_TRUE(says(error_of(six, 3), "0x00000803", "rank 3", "0x00000802"));
  std::string floats = six;
  floats[2] = '\x0d';
  EXPECT_TRUE(says(error_of(floats, 2), "unsigned bytes", "0x00000d02"));
  EXPECT_TRUE(says(error_of("\x01" + six.substr(1), 2), "0x01000802"));
  EXPECT_TRUE(says(error_of("<!DOCTYPE html><title>Not found</title>", 1), "0x3c21444f"));
}

TEST_F(Idx, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < six.size(); ++size) {
    SCOPED_TRACE(size);
    error_of(six.substr(0, size), 2);
  }
  EXPECT_TRUE(says(error_of(six.substr(0, 10), 2), "2 sizes", "in size 2", "truncated"));
  EXPECT_TRUE(says(error_of(six.substr(0, 17), 2), "6 elements", "(2, 3)", "got 5", "truncated"));
}

TEST_F(Idx, RefusesEveryTruncationOfGzip) {
  const std::string packed = gzip(six);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    SCOPED_TRACE(size);
    error_of(packed.substr(0, size), 2);
  }
  EXPECT_TRUE(
      says(error_of(packed.substr(0, packed.size() - 1), 2), "a whole gzip stream", "breaks off"));
}

TEST_F(Idx, RefusesSurplusBytes) {
  EXPECT_TRUE(says(error_of(six + '\0', 2), "the end of the file after 6 elements", "more bytes"));
  EXPECT_TRUE(says(error_of(gzip(six + '\0'), 2), "the end of the file after 6 elements"));
  EXPECT_TRUE(says(error_of(gzip(six) + '\0', 2), "the end of the file behind the gzip stream"));
  EXPECT_TRUE(says(error_of(gzip(six) + "\x1fgarbage", 2), "a sound gzip stream"));
}

// Only bits that mean nothing may differ: those of the header, and those behind the end of the
// compressed data up to the next whole byte.
TEST_F(Idx, NoChangedBitOfAGzipStreamChangesTheValues) {
  const std::string packed = gzip(six);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    SCOPED_TRACE(bit);
    std::string changed = packed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    try {
      EXPECT_EQ(read_idx(folder.write("file", changed), 2).data, six_values);
    } catch (const std::runtime_error&) {
      ++refused;
    }
  }
  constexpr std::size_t header_bytes = 10;
  EXPECT_GE(refused, (packed.size() - header_bytes) * 8 - 7);
}

TEST_F(Idx, RefusesSizesWhoseProductOverflows) {
  const std::uint32_t most = 0xffffffff;
  EXPECT_TRUE(says(error_of(idx_header({most, most, most}), 3), "at most 4 GiB",
                   "(4294967295, 4294967295)"));
  // 2^16 * 2^16 * 2^16 * 2^16 is 0 modulo 2^64.
  EXPECT_TRUE(
      says(error_of(idx_header({1U << 16, 1U << 16, 1U << 16, 1U << 16}), 4), "at most 4 GiB"));
  EXPECT_TRUE(says(error_of(idx_header({1U << 16, 1U << 16, 2}), 3), "at most 4 GiB"));
}

// A header that promises 4 GiB in a file of a few bytes must not cost memory.
TEST_F(Idx, AllocatesNothingOnTheWordOfTheHeader) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_TRUE(
      says(error_of(idx_header({1U << 16, 1U << 16}) + "abc", 2), "4294967296 elements", "got 3"));
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  const long kibibytes = after.ru_maxrss - before.ru_maxrss;
  EXPECT_LT(kibibytes, 64 * 1024);
}

}  // namespace idx_test
