// SPDX-License-Identifier: MIT
// datasets::fashion_mnist: where it looks and in which order, what it refuses, and the subset that
// ships.

#include "lamina/data/fashion_mnist.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "idx_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace fashion_mnist_test {

namespace fs = std::filesystem;
using lamina::datasets::fashion_mnist;
using support::error_text;
using support::idx_header;
using support::says;
using Files = std::array<std::pair<std::string, std::string>, 4>;

const fs::path shipped_subset = fs::path{LAMINA_TEST_DATA} / "fashion-mnist-subset";
const fs::path debian_folder = "/usr/share/datasets/fashion-mnist";

/// Sets an environment variable while it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_{name} {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

/// A tiny data set: two training images and one test image.
Files tiny_files() {
  const std::string two_images(2 * 784, '\x11');
  const std::string one_image(784, '\x22');
  return {{{"train-images-idx3-ubyte", idx_header({2, 28, 28}) + two_images},
           {"train-labels-idx1-ubyte", idx_header({2}) + "\x03\x09"},
           {"t10k-images-idx3-ubyte", idx_header({1, 28, 28}) + one_image},
           {"t10k-labels-idx1-ubyte", idx_header({1}) + std::string(1, '\0')}}};
}

void write_files(const fs::path& folder, const Files& files, bool packed = true) {
  fs::create_directories(folder);
  for (const auto& [name, bytes] : files) {
    std::ofstream out{folder / (packed ? name + ".gz" : name), std::ios::binary};
    out << (packed ? support::gzip(bytes) : bytes);
  }
}

class FashionMnist : public testing::Test {
 protected:
  std::string error_of(const Files& files) {
    const fs::path dir = folder / "data";
    write_files(dir, files);
    return error_text<std::runtime_error>([&] { fashion_mnist(dir); });
  }

  support::TemporaryFolder folder;
};

TEST_F(FashionMnist, ReadsTheSubsetThatShips) {
  const auto data = fashion_mnist(shipped_subset);
  EXPECT_EQ(data.source, shipped_subset);
  EXPECT_TRUE(data.subset);
  EXPECT_EQ(data.name(), "Fashion-MNIST subset (2000 training and 500 test images)");
  EXPECT_EQ(data.train.pixels.size(), 2000U * 784U);
  EXPECT_EQ(data.test.pixels.size(), 500U * 784U);
  for (const auto* half : {&data.train, &data.test}) {
    for (std::uint8_t label = 0; label < 10; ++label) {
      EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(half->labels, label)),
                half->size() / 10);
    }
  }
  // The data set begins with an ankle boot, and its test images do too.
  EXPECT_EQ(lamina::datasets::fashion_mnist_classes[data.train.labels[0]], "Ankle boot");
  EXPECT_EQ(lamina::datasets::fashion_mnist_classes[data.test.labels[0]], "Ankle boot");
}

TEST_F(FashionMnist, TheShippedSubsetIsTheFrontOfEachClass) {
  if (!fs::exists(debian_folder)) GTEST_SKIP() << "needs Debian's package dataset-fashion-mnist";
  const auto full = fashion_mnist(debian_folder);
  EXPECT_FALSE(full.subset);
  EXPECT_EQ(full.name(), "Fashion-MNIST");
  EXPECT_EQ(full.train.size(), 60'000U);
  EXPECT_EQ(full.test.size(), 10'000U);
  // mean of the training pixels / 255, as it is known for this data set: 0.286041
  const auto sum =
      std::accumulate(full.train.pixels.begin(), full.train.pixels.end(), std::uint64_t{0});
  EXPECT_NEAR(static_cast<double>(sum) / 255.0 / static_cast<double>(full.train.pixels.size()),
              0.286041, 1e-6);

  const auto part = fashion_mnist(shipped_subset);
  const auto front = [](const auto& half, std::size_t per_class) {
    std::array<std::size_t, 10> taken{};
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < half.size(); ++i)
      if (taken[half.labels[i]]++ < per_class) positions.push_back(i);
    return half.subset(positions);
  };
  EXPECT_EQ(part.train.pixels, front(full.train, 200).pixels);
  EXPECT_EQ(part.train.labels, front(full.train, 200).labels);
  EXPECT_EQ(part.test.pixels, front(full.test, 50).pixels);
  EXPECT_EQ(part.test.labels, front(full.test, 50).labels);
}

TEST_F(FashionMnist, ReadsGzipAndPlainFiles) {
  for (const bool packed : {true, false}) {
    const fs::path dir = folder / (packed ? "packed" : "plain");
    write_files(dir, tiny_files(), packed);
    const auto data = fashion_mnist(dir);
    EXPECT_EQ(data.train.labels, (std::vector<std::uint8_t>{3, 9}));
    EXPECT_EQ(data.test.image(0)[783], 0x22);
  }
}

TEST_F(FashionMnist, FewerImagesAreASubsetEvenWithoutTheMarker) {
  write_files(folder.path(), tiny_files());
  EXPECT_EQ(fashion_mnist(folder.path()).name(),
            "Fashion-MNIST subset (2 training and 1 test images)");
}

TEST_F(FashionMnist, AMarkerMakesItASubsetWhateverTheCounts) {
  if (!fs::exists(debian_folder)) GTEST_SKIP() << "needs Debian's package dataset-fashion-mnist";
  for (const auto& file : fs::directory_iterator{debian_folder}) {
    fs::create_symlink(file, folder / file.path().filename().string());
  }
  EXPECT_FALSE(fashion_mnist(folder.path()).subset);
  folder.write("SUBSET", "chosen by hand");
  EXPECT_TRUE(fashion_mnist(folder.path()).subset);
}

TEST_F(FashionMnist, AGivenFolderIsTheOnlyOne) {
  write_files(folder / "elsewhere", tiny_files());
  const Environment elsewhere{"LAMINA_DATA_DIR", (folder / "elsewhere").string()};
  fs::create_directory(folder / "empty");
  EXPECT_TRUE(says(error_text<std::runtime_error>([&] { fashion_mnist(folder / "empty"); }),
                   (folder / "empty").string(), "none of its files", "install", "LAMINA_DATA_DIR"));
  EXPECT_TRUE(says(error_text<std::runtime_error>([&] { fashion_mnist(folder / "none"); }),
                   "nothing there"));
}

TEST_F(FashionMnist, LooksInTheEnvironmentFirst) {
  write_files(folder / "data/fashion-mnist", tiny_files());
  const Environment data{"LAMINA_DATA_DIR", (folder / "data").string()};
  EXPECT_EQ(fashion_mnist().source, folder / "data/fashion-mnist");
  write_files(folder / "data", tiny_files());
  EXPECT_EQ(fashion_mnist().source, folder / "data");
}

TEST_F(FashionMnist, LooksInTheCacheLast) {
  const Environment no_data{"LAMINA_DATA_DIR", ""};
  const Environment home{"HOME", (folder / "home").string()};
  const Environment no_cache{"XDG_CACHE_HOME", ""};
  write_files(folder / "home/.cache/lamina/fashion-mnist", tiny_files());
  const bool debian = fs::exists(debian_folder);
  EXPECT_EQ(fashion_mnist().source,
            debian ? debian_folder : folder / "home/.cache/lamina/fashion-mnist");
}

TEST_F(FashionMnist, LooksInFourPlaces) {
  const Environment data{"LAMINA_DATA_DIR", (folder / "data").string()};
  const Environment cache{"XDG_CACHE_HOME", (folder / "cache").string()};
  std::vector<fs::path> folders;
  for (const auto& [path, origin] : lamina::datasets::detail::usual_folders())
    folders.push_back(path);
  EXPECT_EQ(folders, (std::vector<fs::path>{folder / "data", folder / "data/fashion-mnist",
                                            debian_folder, folder / "cache/lamina/fashion-mnist"}));
}

TEST_F(FashionMnist, NamesAllItTried) {
  const auto search = [&] {
    lamina::datasets::detail::find_folder({{folder / "a", "first"}, {folder / "b", "second"}});
  };
  const Environment none{"LAMINA_DATA_DIR", ""};
  EXPECT_TRUE(says(error_text<std::runtime_error>(search), "LAMINA_DATA_DIR (not set)",
                   (folder / "a").string() + " (first)", (folder / "b").string() + " (second)",
                   "install"));
  write_files(folder / "b", tiny_files());
  EXPECT_EQ(
      lamina::datasets::detail::find_folder({{folder / "a", "first"}, {folder / "b", "second"}}),
      folder / "b");
}

TEST_F(FashionMnist, RefusesAnIncompleteFolder) {
  for (const auto& [missing, bytes] : tiny_files()) {
    write_files(folder / "data", tiny_files());
    fs::remove(folder / "data" / (missing + ".gz"));
    EXPECT_TRUE(says(error_text<std::runtime_error>([&] { fashion_mnist(folder / "data"); }),
                     "four files", "no " + missing));
  }
}

TEST_F(FashionMnist, RefusesFilesThatDoNotGoTogether) {
  auto files = tiny_files();
  files[1].second = idx_header({3}) + "\x01\x02\x03";
  EXPECT_TRUE(says(error_of(files), "train-labels", "2 labels", "got 3"));

  files = tiny_files();
  files[3].second = idx_header({1}) + "\x0a";
  EXPECT_TRUE(says(error_of(files), "t10k-labels", "0 to 9", "got 10"));

  files = tiny_files();
  files[0].second = idx_header({2, 27, 28}) + std::string(2 * 27 * 28, 'x');
  EXPECT_TRUE(says(error_of(files), "train-images", "28 x 28", "(2, 27, 28)"));

  files = tiny_files();
  files[2].second = idx_header({0, 28, 28});
  files[3].second = idx_header({0});
  EXPECT_TRUE(says(error_of(files), "t10k-images", "at least one image"));

  files = tiny_files();
  std::swap(files[0].second, files[1].second);
  EXPECT_TRUE(says(error_of(files), "train-images", "0x00000803", "0x00000801"));
}

}  // namespace fashion_mnist_test
