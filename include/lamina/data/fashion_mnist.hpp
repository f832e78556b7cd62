// SPDX-License-Identifier: MIT
#pragma once
// Fashion-MNIST (Zalando SE, MIT licence): 60,000 training and 10,000 test images of 28 x 28 grey
// pixels in ten classes. Finds the files, checks them and reads them, or says what to do.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/shape.hpp"
#include "lamina/data/dataset.hpp"
#include "lamina/data/idx.hpp"
#include "lamina/io/input_file.hpp"

namespace lamina::inline LAMINA_ISA::datasets {

/// The classes in the order of their labels.
inline constexpr std::array<std::string_view, 10> fashion_mnist_classes{
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

struct FashionMnist {
  Dataset<Shape<1, 28, 28>> train;
  Dataset<Shape<1, 28, 28>> test;
  std::filesystem::path source;  ///< the folder it was read from
  bool subset = false;           ///< a file SUBSET lies in the folder, or the counts differ

  /// For the captions of pictures and tables: "Fashion-MNIST", or with the sizes where it is a
  /// subset.
  std::string name() const {
    if (!subset) return "Fashion-MNIST";
    return "Fashion-MNIST subset (" + std::to_string(train.size()) + " training and " +
           std::to_string(test.size()) + " test images)";
  }
};

/// Reads Fashion-MNIST, gzip or plain, from the given folder; without one, from the first of these
/// that has it: $LAMINA_DATA_DIR and its folder fashion-mnist, /usr/share/datasets/fashion-mnist
/// (Debian's package dataset-fashion-mnist), and lamina/fashion-mnist in the user's cache
/// ($XDG_CACHE_HOME or ~/.cache).
/// errors run: std::runtime_error: no data set found, with all that was tried; a file missing,
///        damaged or of another shape
inline FashionMnist fashion_mnist(const std::filesystem::path& dir = {});

}  // namespace lamina::inline LAMINA_ISA::datasets

namespace lamina::inline LAMINA_ISA::datasets::detail {

namespace fs = std::filesystem;

inline constexpr std::size_t fashion_mnist_train_size = 60'000;
inline constexpr std::size_t fashion_mnist_test_size = 10'000;
inline constexpr std::array<std::string_view, 4> fashion_mnist_files{
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte"};

inline constexpr std::string_view how_to_get_fashion_mnist =
    "install Debian's package dataset-fashion-mnist, or put the four files "
    "train-images-idx3-ubyte.gz, "
    "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz of "
    "https://github.com/zalandoresearch/fashion-mnist into a folder and name it, or set "
    "LAMINA_DATA_DIR to it";

inline bool is_there(const fs::path& path) {
  std::error_code unreadable;
  return fs::exists(path, unreadable);
}

/// The file with or without .gz, or an empty path.
inline fs::path find_file(const fs::path& folder, std::string_view name) {
  fs::path packed = folder / (std::string{name} + ".gz");
  if (is_there(packed)) return packed;
  fs::path plain = folder / name;
  return is_there(plain) ? plain : fs::path{};
}

inline bool has_any_file(const fs::path& folder) {
  return std::ranges::any_of(
      fashion_mnist_files, [&](std::string_view name) { return !find_file(folder, name).empty(); });
}

inline fs::path environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

/// A folder to look into and where it comes from.
using Candidate = std::pair<fs::path, std::string>;

/// Where to look without a given folder.
inline std::vector<Candidate> usual_folders() {
  std::vector<Candidate> folders;
  if (const fs::path data = environment("LAMINA_DATA_DIR"); !data.empty()) {
    folders.emplace_back(data, "LAMINA_DATA_DIR");
    folders.emplace_back(data / "fashion-mnist", "LAMINA_DATA_DIR");
  }
  folders.emplace_back("/usr/share/datasets/fashion-mnist", "Debian's package");
  fs::path cache = environment("XDG_CACHE_HOME");
  if (cache.empty()) {
    if (const fs::path home = environment("HOME"); !home.empty()) cache = home / ".cache";
  }
  if (!cache.empty()) folders.emplace_back(cache / "lamina" / "fashion-mnist", "the user's cache");
  return folders;
}

/// The first of these folders that has the data set.
inline fs::path find_folder(const std::vector<Candidate>& folders) {
  std::string tried = environment("LAMINA_DATA_DIR").empty() ? "LAMINA_DATA_DIR (not set)" : "";
  for (const auto& [folder, origin] : folders) {
    if (has_any_file(folder)) return folder;
    tried += sentence(tried.empty() ? "" : ", ", folder.string(), " (", origin, ")");
  }
  throw std::runtime_error{sentence(
      "Fashion-MNIST: expected its files in one of the usual folders, got none after trying ",
      tried, "; ", how_to_get_fashion_mnist)};
}

/// The folder that was given, which has to have the data set.
inline fs::path require_folder(const fs::path& folder) {
  if (has_any_file(folder)) return folder;
  throw impl::file_error(folder.string(), "a folder with Fashion-MNIST",
                         is_there(folder) ? "none of its files" : "nothing there",
                         how_to_get_fashion_mnist);
}

/// Reads one of the four files.
inline std::pair<std::string, IdxArray> read_part(const fs::path& folder, std::string_view name,
                                                  std::size_t rank) {
  const fs::path file = find_file(folder, name);
  if (file.empty()) {
    throw impl::file_error(folder.string(), "the four files of Fashion-MNIST",
                           "no " + std::string{name} + ".gz (nor without .gz)",
                           "complete the folder or remove it");
  }
  return {file.string(), read_idx(file, rank)};
}

/// Images and labels of one half, "train" or "t10k".
inline Dataset<Shape<1, 28, 28>> read_half(const fs::path& folder, const std::string& half) {
  constexpr std::string_view remedy = "these are not the files of Fashion-MNIST, replace them";
  auto [image_file, images] = read_part(folder, half + "-images-idx3-ubyte", 3);
  auto [label_file, labels] = read_part(folder, half + "-labels-idx1-ubyte", 1);
  if (images.shape[1] != 28 || images.shape[2] != 28) {
    throw impl::file_error(image_file, "images of 28 x 28 pixels",
                           "the shape " + impl::to_string(images.shape), remedy);
  }
  if (images.shape[0] == 0) {
    throw impl::file_error(image_file, "at least one image", "none", remedy);
  }
  if (images.shape[0] != labels.shape[0]) {
    throw impl::file_error(label_file,
                           std::to_string(images.shape[0]) + " labels, as many as images",
                           std::to_string(labels.shape[0]), remedy);
  }
  const auto wrong = std::ranges::find_if(
      labels.data, [](std::uint8_t label) { return label >= fashion_mnist_classes.size(); });
  if (wrong != labels.data.end()) {
    throw impl::file_error(label_file, "labels from 0 to 9", std::to_string(*wrong), remedy);
  }
  return {std::move(images.data), std::move(labels.data)};
}

}  // namespace lamina::inline LAMINA_ISA::datasets::detail

namespace lamina::inline LAMINA_ISA::datasets {

inline FashionMnist fashion_mnist(const std::filesystem::path& dir) {
  FashionMnist result;
  result.source =
      dir.empty() ? detail::find_folder(detail::usual_folders()) : detail::require_folder(dir);
  result.train = detail::read_half(result.source, "train");
  result.test = detail::read_half(result.source, "t10k");
  result.subset = detail::is_there(result.source / "SUBSET") ||
                  result.train.size() != detail::fashion_mnist_train_size ||
                  result.test.size() != detail::fashion_mnist_test_size;
  return result;
}

}  // namespace lamina::inline LAMINA_ISA::datasets
