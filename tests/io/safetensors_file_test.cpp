// SPDX-License-Identifier: MIT
// Safetensors files: what is written is read back, in the bytes that the format's own package
// writes; every way in which a file can be wrong is one sentence, and nothing else happens.

#include "lamina/io/safetensors_file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace safetensors_file_test {

using lamina::read_safetensors;
using lamina::SafetensorsEntries;
using lamina::SafetensorsEntry;
using lamina::write_safetensors;
using support::content;
using support::error_text;
using support::says;
using Shape = std::vector<std::size_t>;

/// A file of this header, with its length in front, and this data.
std::string file_of(std::string_view json, std::string_view data = {}) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8)
    bytes.push_back(static_cast<char>(std::uint64_t{json.size()} >> shift));
  return bytes.append(json).append(data);
}

/// The header of one tensor "t".
std::string one_tensor(const std::string& dtype, const std::string& shape,
                       const std::string& offsets) {
  return R"({"t":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

class Safetensors : public testing::Test {
 protected:
  lamina::SafetensorsFile read(std::string_view bytes) {
    return read_safetensors(folder.write("file", bytes));
  }

  std::string error_of(std::string_view bytes) {
    const auto file = folder.write("file", bytes);
    const auto text = error_text<std::runtime_error>([&] { read_safetensors(file); });
    EXPECT_TRUE(says(text, file.string(), "expected", "got"));
    return text;
  }

  support::TemporaryFolder folder;
  const std::vector<float> six{1.0F,
                               -2.5F,
                               0.0F,
                               1e-40F,
                               std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN()};
  const std::vector<std::int64_t> one{-7};
};

TEST_F(Safetensors, ReadsBackWhatWasWritten) {
  const auto file = folder / "model.safetensors";
  SafetensorsEntries entries;
  entries["0.weight"] = SafetensorsEntry::of(std::span{six}, {2, 3});
  entries["1.num_batches_tracked"] = SafetensorsEntry::of(std::span{one}, {});
  entries["none"] = SafetensorsEntry::of(std::span<const float>{}, {4, 0});
  entries["a \"name\"\n\xc3\xa4"] = SafetensorsEntry::of(std::span{six}.first(1), {1, 1, 1});
  write_safetensors(file, entries, {{"format", "pt"}, {"by", "\xe2\x98\x83"}});

  const auto back = read_safetensors(file);
  EXPECT_EQ(back.metadata, (lamina::SafetensorsMetadata{{"format", "pt"}, {"by", "\xe2\x98\x83"}}));
  ASSERT_EQ(back.entries.size(), 4U);
  for (const auto& [name, entry] : entries) {
    SCOPED_TRACE(name);
    const auto& same = back.entries.at(name);
    EXPECT_EQ(same.dtype, entry.dtype);
    EXPECT_EQ(same.shape, entry.shape);
    EXPECT_TRUE(std::ranges::equal(same.bytes, entry.bytes));
  }
  EXPECT_EQ(back.entries.at("1.num_batches_tracked").values<std::int64_t>(), one);
  EXPECT_EQ(back.entries.at("0.weight").values<float>()[1], -2.5F);
}

TEST_F(Safetensors, EntriesOutliveAMoveOfTheFile) {
  write_safetensors(folder / "file", {{"t", SafetensorsEntry::of(std::span{six}, {6})}});
  auto first = read_safetensors(folder / "file");
  const auto second = std::move(first);
  EXPECT_EQ(second.entries.at("t").values<float>()[1], -2.5F);
}

TEST_F(Safetensors, ValuesOfAnotherTypeAreRefused) {
  const auto entry = SafetensorsEntry::of(std::span{six}, {6});
  EXPECT_TRUE(
      says(error_text<std::runtime_error>([&] { static_cast<void>(entry.values<double>()); }),
           "F64", "got F32"));
}

// Written by the package safetensors 0.8.0 for Python:
//   safetensors.numpy.save({"b": np.array([1, 2], np.float32), "a": np.array([[3]], np.float32),
//   "n": np.array(5, np.int64),
//                           "h": np.array([1], np.float16)}, {"format": "pt"})
TEST_F(Safetensors, WritesTheBytesOfThePythonPackage) {
  const std::string expected =
      std::string{"\x00\x01\x00\x00\x00\x00\x00\x00", 8} +
      R"({"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},)"
      R"("b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},)"
      R"("h":{"dtype":"F16","shape":[1],"data_offsets":[20,22]}}      )" +
      std::string{"\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00@@\x00\x00\x80?\x00\x00\x00@\x00<", 22};
  const std::vector<float> b{1, 2};
  const std::vector<float> a{3};
  const std::vector<std::int64_t> n{5};
  const std::array<std::uint8_t, 2> half_of_one{0x00, 0x3c};
  const SafetensorsEntry h{"F16", {1}, std::as_bytes(std::span{half_of_one})};
  write_safetensors(folder / "file",
                    {{"b", SafetensorsEntry::of(std::span{b}, {2})},
                     {"a", SafetensorsEntry::of(std::span{a}, {1, 1})},
                     {"n", SafetensorsEntry::of(std::span{n}, {})},
                     {"h", h}},
                    {{"format", "pt"}});
  EXPECT_EQ(content(folder / "file"), expected);
}

TEST_F(Safetensors, AnEmptyFileOfTheFormatIsReadAndWritten) {
  write_safetensors(folder / "file", {});
  EXPECT_EQ(content(folder / "file"), file_of("{}      "));
  EXPECT_TRUE(read_safetensors(folder / "file").entries.empty());
  EXPECT_TRUE(read(file_of(R"({"__metadata__":{}})")).metadata.empty());
}

TEST_F(Safetensors, ReadsTensorsInAnyOrderAndEveryType) {
  const std::string json = R"({"late":{"dtype":"BF16","shape":[2],"data_offsets":[3,7]},)"
                           R"("early":{"shape":[3],"data_offsets":[0,3],"dtype":"BOOL"},)"
                           R"("four":{"dtype":"F4","shape":[2],"data_offsets":[7,8]},)"
                           R"("none":{"dtype":"U64","shape":[0,9],"data_offsets":[3,3]},)"
                           R"("six":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[8,11]}}   )";
  const auto file = read(file_of(json, "0123456789a"));
  const auto text = [&](std::string_view name) {
    const auto bytes = file.entries.find(name)->second.bytes;
    return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  };
  EXPECT_EQ(text("early"), "012");
  EXPECT_EQ(text("late"), "3456");
  EXPECT_EQ(text("four"), "7");
  EXPECT_EQ(text("six"), "89a");
  EXPECT_EQ(text("none"), "");
}

TEST_F(Safetensors, RefusesEveryTruncationAndSurplus) {
  write_safetensors(folder / "good", {{"a", SafetensorsEntry::of(std::span{six}, {6})},
                                      {"b", SafetensorsEntry::of(std::span{one}, {1})}});
  const std::string good = content(folder / "good");
  for (std::size_t size = 0; size < good.size(); ++size) {
    SCOPED_TRACE(size);
    error_of(good.substr(0, size));
  }
  EXPECT_TRUE(says(error_of(""), "at least 8 bytes", "got 0", "truncated"));
  EXPECT_TRUE(says(error_of(good.substr(0, 20)), "a header of", "only 12 bytes", "truncated"));
  EXPECT_TRUE(
      says(error_of(good.substr(0, good.size() - 1)), "32 bytes of data", "got 31", "truncated"));
  EXPECT_TRUE(says(error_of(good + '\0'), "32 bytes of data", "got 33"));
}

TEST_F(Safetensors, RefusesWhatIsNoFile) {
  EXPECT_TRUE(says(error_text<std::runtime_error>([&] { read_safetensors(folder / "none"); }),
                   "nothing there"));
  EXPECT_TRUE(says(error_text<std::runtime_error>([&] { read_safetensors(folder.path()); }),
                   "something else"));
}

TEST_F(Safetensors, RefusesHeaderLengthsThatCannotBe) {
  EXPECT_TRUE(says(error_of(std::string(16, '\xff')), "at most 100000000", "18446744073709551615"));
  EXPECT_TRUE(says(error_of(std::string{"\x01\xe1\xf5\x05\0\0\0\0{}", 10}), "at most 100000000",
                   "100000001"));
  EXPECT_TRUE(
      says(error_of(std::string{"\x00\xe1\xf5\x05\0\0\0\0{}", 10}), "100000000 bytes", "only 2"));
  EXPECT_TRUE(says(error_of(std::string(8, '\0')), "begins with '{'", "an empty one"));
}

TEST_F(Safetensors, RefusesHeadersThatAreNotTheFormats) {
  EXPECT_TRUE(says(error_of(file_of(" {}")), "begins with '{'", "' '"));
  EXPECT_TRUE(says(error_of(file_of("\xef\xbb\xbf{}")), "begins with '{'"));
  EXPECT_TRUE(says(error_of(file_of("[]")), "begins with '{'", "'['"));
  EXPECT_TRUE(says(error_of(file_of(std::string{"{}\0garbage", 10})), "zero byte"));
  for (const char* json : {"{", "{}}", "{} {}", "{\"a\"}", "{\"a\":}", "{a:1}", "{}//",
                           "{\"\xff\":{}}", "{\"\\ud800\":{}}", "{'a':{}}", "{\"a\":{},}"}) {
    SCOPED_TRACE(json);
    error_of(file_of(json));
  }
  EXPECT_TRUE(says(error_of(file_of("{\"a\"}")), "invalid JSON at byte 5"));
  for (const char* value : {"1", "-1", "1.5", "true", "null", "\"text\"", "[]", "{}"}) {
    SCOPED_TRACE(value);
    error_of(file_of("{\"t\":" + std::string{value} + "}"));
  }
  for (const char* metadata :
       {"1", "[]", "\"a\"", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":[]}"}) {
    SCOPED_TRACE(metadata);
    error_of(file_of("{\"__metadata__\":" + std::string{metadata} + "}"));
  }
  EXPECT_TRUE(
      says(error_of(file_of(R"({"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}})")),
           "the key 'x'"));
  EXPECT_TRUE(
      says(error_of(file_of(R"({"t":{"dtype":"U8","shape":[0]}})")), "without dtype, shape or"));
}

TEST_F(Safetensors, RefusesDuplicateKeys) {
  const std::string tensor = R"("t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_EQ(read(file_of("{" + tensor + "}", "x")).entries.size(), 1U);
  EXPECT_TRUE(says(error_of(file_of("{" + tensor + "," + tensor + "}", "x")), "'t' a second time"));
  EXPECT_TRUE(says(error_of(file_of(R"({"__metadata__":{},"__metadata__":{}})")), "a second time"));
  EXPECT_TRUE(
      says(error_of(file_of(R"({"__metadata__":{"a":"b","a":"b"}})")), "'a' a second time"));
  EXPECT_TRUE(says(
      error_of(file_of(R"({"t":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})")),
      "'dtype' a second time"));
  // the same name, once written with an escape
  EXPECT_TRUE(says(
      error_of(file_of(
          "{" + tensor + R"(,"\u0074":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}})", "x")),
      "'t' a second time"));
}

TEST_F(Safetensors, RefusesTypesShapesAndOffsetsThatCannotBe) {
  const auto error = [&](const std::string& dtype, const std::string& shape,
                         const std::string& offsets) {
    SCOPED_TRACE(dtype + shape + offsets);
    return error_of(file_of(one_tensor(dtype, shape, offsets), "12345678"));
  };
  EXPECT_EQ(read(file_of(one_tensor("\"F32\"", "[2]", "[0,8]"), "12345678")).entries.size(), 1U);
  EXPECT_TRUE(says(error("\"F33\"", "[2]", "[0,8]"), "element type", "'F33'"));
  EXPECT_TRUE(says(error("\"f32\"", "[2]", "[0,8]"), "'f32'"));
  EXPECT_TRUE(says(error("\"\"", "[2]", "[0,8]"), "''"));
  EXPECT_TRUE(says(error("1", "[2]", "[0,8]"), "a number"));
  EXPECT_TRUE(says(error("[\"F32\"]", "[2]", "[0,8]"), "an array"));
  EXPECT_TRUE(says(error("\"F32\"", "[-2]", "[0,8]"), "negative"));
  EXPECT_TRUE(says(error("\"F32\"", "[-0]", "[0,8]"), "negative"));
  EXPECT_TRUE(says(error("\"F32\"", "[2.0]", "[0,8]"), "fractional"));
  EXPECT_TRUE(says(error("\"F32\"", "[2e0]", "[0,8]"), "fractional"));
  EXPECT_TRUE(says(error("\"F32\"", "[18446744073709551616]", "[0,8]"), "too large"));
  EXPECT_TRUE(says(error("\"F32\"", "[[2]]", "[0,8]"), "an array"));
  EXPECT_TRUE(says(error("\"F32\"", "[\"2\"]", "[0,8]"), "the text '2'"));
  EXPECT_TRUE(says(error("\"F32\"", "2", "[0,8]"), "a number"));
  EXPECT_TRUE(says(error("\"F32\"", "[2]", "[0]"), "not two numbers"));
  EXPECT_TRUE(says(error("\"F32\"", "[2]", "[0,8,8]"), "not two numbers"));
  EXPECT_TRUE(says(error("\"F32\"", "[2]", "[8,0]"), "from 8 to 0"));
  EXPECT_TRUE(says(error("\"F32\"", "[2]", "[0,7]"), "8 bytes", "from 0 to 7"));
  EXPECT_TRUE(says(error("\"F32\"", "[1]", "[0,8]"), "4 bytes", "from 0 to 8"));
  EXPECT_TRUE(says(error("\"F32\"", "[2]", "[1,9]"), "begin at byte 0", "got 1"));
  EXPECT_TRUE(says(error("\"F32\"", "[3]", "[0,12]"), "12 bytes of data", "got 8", "truncated"));
  EXPECT_TRUE(says(error("\"F4\"", "[3]", "[0,1]"), "data_offsets of 't'"));
}

TEST_F(Safetensors, RefusesProductsThatOverflow) {
  // 2^33 * 2^31 floats are 2^66 bytes, which is 0 modulo 2^64.
  const auto error = [&](const std::string& shape) {
    return error_of(file_of(one_tensor("\"F32\"", shape, "[0,0]")));
  };
  EXPECT_TRUE(says(error("[8589934592,2147483648]"), "data_offsets of 't'"));
  EXPECT_TRUE(says(error("[4294967296,4294967296]"), "data_offsets of 't'"));
  EXPECT_TRUE(says(error("[4611686018427387904]"), "data_offsets of 't'"));
  EXPECT_TRUE(says(error("[18446744073709551615]"), "data_offsets of 't'"));
  EXPECT_TRUE(says(error_of(file_of(one_tensor("\"U8\"", "[1]", "[18446744073709551615,0]"))),
                   "data_offsets"));
}

TEST_F(Safetensors, RefusesHolesAndOverlaps) {
  const auto two = [](const char* first, const char* second) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + std::string{first} +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}";
  };
  EXPECT_EQ(read(file_of(two("[4,8]", "[0,4]"), "12345678")).entries.size(), 2U);
  EXPECT_TRUE(says(error_of(file_of(two("[0,4]", "[5,9]"), "123456789")), "'b' to begin at byte 4",
                   "got 5"));
  EXPECT_TRUE(
      says(error_of(file_of(two("[0,4]", "[3,7]"), "1234567")), "'b' to begin at byte 4", "got 3"));
  EXPECT_TRUE(says(error_of(file_of(two("[0,4]", "[0,4]"), "1234")), "begin at byte 4", "got 0"));
}

TEST_F(Safetensors, SurvivesDeepNestingAndLongNames) {
  error_of(file_of("{\"t\":" + std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i)
    objects += "{\"a\":";
  error_of(file_of(objects));
  std::string rank = "[1";
  for (int i = 0; i < 32; ++i)
    rank += ",1";
  EXPECT_TRUE(
      says(error_of(file_of(one_tensor("\"U8\"", rank + "]", "[0,1]"), "x")), "more than 32"));

  const std::string long_name(100'000, 'n');
  const auto text = error_of(
      file_of("{\"" + long_name + R"(":{"dtype":"X","shape":[],"data_offsets":[0,1]}})", "x"));
  EXPECT_LT(text.size(), 1000U);
}

TEST_F(Safetensors, MessagesShowNoControlCharacters) {
  const auto text =
      error_of(file_of(R"({"\u001b[2J":{"dtype":"\u0007","shape":[],"data_offsets":[0,1]}})", "x"));
  EXPECT_TRUE(says(text, "'?[2J'", "'?'"));
}

TEST_F(Safetensors, RefusesToWriteWhatTheFormatCannotHold) {
  folder.write("file", "old");
  const auto refuse = [&](const std::string& name, const SafetensorsEntry& entry,
                          const lamina::SafetensorsMetadata& metadata = {}) {
    const auto text = error_text<std::invalid_argument>(
        [&] { write_safetensors(folder / "file", {{name, entry}}, metadata); });
    EXPECT_EQ(content(folder / "file"), "old");
    EXPECT_EQ(folder.file_count(), 1U);
    return text;
  };
  const auto good = SafetensorsEntry::of(std::span{six}, {6});
  EXPECT_TRUE(says(refuse("__metadata__", good), "not reserved"));
  EXPECT_TRUE(says(refuse("t", {"F33", {6}, good.bytes}), "element type", "'F33'"));
  EXPECT_TRUE(says(refuse("t", {"F32", {5}, good.bytes}), "as its type and shape say", "got 24"));
  EXPECT_TRUE(says(refuse("t", {"F32", {std::size_t{1} << 62U, 4}, {}}),
                   "as its type and shape say", "got 0"));
  EXPECT_TRUE(says(refuse("t", {"F32", Shape(33, 1), good.bytes.first(4)}), "at most 32 dimensions",
                   "got 33"));
  EXPECT_TRUE(says(refuse("\xff", good), "UTF-8"));
  EXPECT_TRUE(says(refuse("t", good, {{"key", "\xc3"}}), "UTF-8"));
}

TEST_F(Safetensors, AFolderThatDoesNotExistIsASentence) {
  EXPECT_TRUE(
      says(error_text<std::runtime_error>([&] { write_safetensors(folder / "none/file", {}); }),
           (folder / "none/file").string()));
}

}  // namespace safetensors_file_test
