// SPDX-License-Identifier: MIT
#pragma once
// Several states (a model's, an optimiser's) in one safetensors file, each under a prefix. A file is
// checked against everything that wants to read it before the first value changes, and a state with
// a value that is not finite is not written.

#include <cmath>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/io/safetensors_file.hpp"
#include "lamina/model/named_tensor.hpp"

namespace lamina::inline LAMINA_ISA {

/// A value that is not a number or infinite, where a model was to be saved.
class NotFinite : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes states to a safetensors file, atomically; tensors as F32, counters as I64.
/// errors run: NotFinite for a value that is not finite; a file that cannot be written
template <class B>
void save_states(const std::filesystem::path& file, std::span<const PrefixedState<B>> states,
                 const SafetensorsMetadata& metadata = {});

/// Reads states back, into tensors of the same names and shapes, and returns the metadata.
/// errors run: an unreadable file; a tensor that is missing, left over, of another type or shape.
///             Nothing has changed then.
template <class B>
SafetensorsMetadata load_states(const std::filesystem::path& file,
                                std::span<const PrefixedState<B>> states);

namespace impl {

inline std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (const std::size_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + ")";
}

/// Refuses what is not finite: a broken training run must not replace a good file.
inline void require_finite(const std::string& name, std::span<const float> values) {
  for (const float value : values)
    if (!std::isfinite(value))
      throw NotFinite(sentence(
          "lamina: '", name, "' holds ", value,
          ", so the model was not saved; lower the learning rate, clip the gradients, or look for "
          "such values in the data"));
}

/// The entry of this name, of this type and shape, or an exception.
inline const SafetensorsEntry& expect_entry(const SafetensorsFile& file,
                                            const std::filesystem::path& path,
                                            const std::string& name, const std::string& dtype,
                                            const std::vector<std::size_t>& shape) {
  const auto found = file.entries.find(name);
  if (found == file.entries.end())
    throw std::runtime_error(sentence("lamina: ", path, " has no tensor '", name,
                                      "'; was it saved from another network?"));
  const SafetensorsEntry& entry = found->second;
  if (entry.dtype != dtype || entry.shape != shape)
    throw std::runtime_error(sentence(
        "lamina: ", path, ": expected '", name, "' as ", dtype, " ", shape_text(shape), ", got ",
        entry.dtype, " ", shape_text(entry.shape), "; was it saved from another network?"));
  return entry;
}

/// Throws unless the file holds just what the states hold.
template <class B>
void check_states(const SafetensorsFile& file, const std::filesystem::path& path,
                  std::span<const PrefixedState<B>> states) {
  std::size_t expected = 0;
  for (const auto& [prefix, state] : states) {
    for (const auto& tensor : state.tensors)
      expect_entry(file, path, prefix + tensor.name(), "F32", tensor.shape());
    for (const auto& counter : state.counters)
      expect_entry(file, path, prefix + counter.name, "I64", {});
    expected += state.tensors.size() + state.counters.size();
  }
  if (expected == file.entries.size()) return;
  for (const auto& [name, entry] : file.entries) {
    bool known = false;
    for (const auto& [prefix, state] : states) {
      for (const auto& tensor : state.tensors)
        known = known || prefix + tensor.name() == name;
      for (const auto& counter : state.counters)
        known = known || prefix + counter.name == name;
    }
    if (!known)
      throw std::runtime_error(sentence("lamina: ", path, " has a tensor '", name,
                                        "' that this network lacks; was it saved from another "
                                        "network?"));
  }
}

}  // namespace impl

template <class B>
void save_states(const std::filesystem::path& file, std::span<const PrefixedState<B>> states,
                 const SafetensorsMetadata& metadata) {
  std::deque<std::vector<float>> copies;  // entries point into these
  SafetensorsEntries entries;
  for (const auto& [prefix, state] : states) {
    for (const auto& tensor : state.tensors) {
      std::vector<float>& values = copies.emplace_back(tensor.size());
      tensor.read(values);
      impl::require_finite(prefix + tensor.name(), values);
      entries.emplace(prefix + tensor.name(), SafetensorsEntry::of<float>(values, tensor.shape()));
    }
    for (const auto& counter : state.counters)
      entries.emplace(prefix + counter.name,
                      SafetensorsEntry::of<std::int64_t>({counter.value, 1}, {}));
  }
  write_safetensors(file, entries, metadata);
}

template <class B>
SafetensorsMetadata load_states(const std::filesystem::path& file,
                                std::span<const PrefixedState<B>> states) {
  const SafetensorsFile contents = read_safetensors(file);
  impl::check_states(contents, file, states);
  for (const auto& [prefix, state] : states) {
    for (auto tensor : state.tensors)
      tensor.write(contents.entries.at(prefix + tensor.name()).template values<float>());
    for (const auto& counter : state.counters)
      *counter.value =
          contents.entries.at(prefix + counter.name).template values<std::int64_t>().front();
  }
  return contents.metadata;
}

}  // namespace lamina::inline LAMINA_ISA
