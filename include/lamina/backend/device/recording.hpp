// SPDX-License-Identifier: MIT
#pragma once
// A training step as it was recorded: which operations it asks for, in which order and with which arguments.
// What is the same the next time need not be asked for again. Knows no device.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

class Recording {
 public:
  using Bytes = std::span<const std::byte>;

  /// The bytes of a value.
  template <class Value>
  static Bytes bytes_of(const Value& value) {
    return std::as_bytes(std::span{&value, 1});
  }

  /// How the next operation compares with what was recorded.
  enum class Next { added, same, changed };

  /// From the first operation on.
  void begin() {
    at_ = 0;
    figure_at_ = 0;
    uploads_.clear();
  }
  /// errors run: std::logic_error: fewer operations than were recorded
  void end() {
    if (at_ != operations_.size()) refuse("fewer operations than");
    complete_ = true;
  }
  bool complete() const { return complete_; }

  /// An operation of a kind comes with these arguments.
  /// errors run: std::logic_error: another one was recorded here, or none
  Next next(const void* kind, std::initializer_list<Bytes> arguments) {
    std::vector<std::byte> bytes;
    for (const Bytes part : arguments)
      bytes.insert(bytes.end(), part.begin(), part.end());
    if (!complete_) {
      operations_.push_back({kind, std::move(bytes)});
      ++at_;
      return Next::added;
    }
    if (at_ == operations_.size()) refuse("more operations than");
    Operation& recorded = operations_[at_++];
    if (recorded.kind != kind || recorded.arguments.size() != bytes.size())
      refuse("another operation than");
    if (recorded.arguments == bytes) return Next::same;
    recorded.arguments = std::move(bytes);
    return Next::changed;
  }
  /// The number of the operation that `next` was asked about.
  std::size_t number() const { return at_ - 1; }

  /// Bytes from the host, to be copied before the step runs.
  struct Upload {
    void* to;
    std::vector<std::byte> bytes;
  };
  /// errors run: std::logic_error: other bytes for a place that has got some in this step
  void upload(std::size_t count, const void* from, void* to) {
    const auto* const begin = static_cast<const std::byte*>(from);
    std::vector<std::byte> bytes(begin, begin + count);
    const auto earlier =
        std::ranges::find_if(uploads_, [=](const Upload& upload) { return upload.to == to; });
    if (earlier == uploads_.end())
      uploads_.push_back({to, std::move(bytes)});
    else if (earlier->bytes != bytes)
      throw std::logic_error(
          "lamina: a captured step brings two things to one place on the device, such as two sets "
          "of labels; "
          "all that comes from the host is there before it runs. Make two steps of it");
  }
  std::span<const Upload> uploads() const { return uploads_; }

  /// A figure for the host: writes what the last step gave whose figures were fetched, NaN until there is one,
  /// and returns where the device is to write this step's, in bytes from the begin of the slots.
  /// errors run: std::logic_error: more than there is room for
  std::size_t figure(std::size_t count, void* to) {
    const std::size_t begin = figure_at_;
    figure_at_ += count;
    if (figure_at_ > figure_room) refuse("more figures than fit into");
    if (known_.size() < figure_at_) {
      const double nan = std::numeric_limits<double>::quiet_NaN();
      const Bytes unknown = bytes_of(nan);
      while (known_.size() < figure_at_)
        known_.insert(known_.end(), unknown.begin(), unknown.end());
    }
    std::memcpy(to, known_.data() + begin, count);
    return begin;
  }
  /// Takes over what the device wrote to the slots.
  void fetch(const std::byte* slots) { known_.assign(slots, slots + known_.size()); }

  static constexpr std::size_t figure_room = 65'536;

  /// errors run: std::logic_error, always
  [[noreturn]] static void refuse(const char* what) {
    throw std::logic_error(
        sentence("lamina: a step asks for ", what,
                 " were recorded of it. A captured step does the same each time, in memory that "
                 "stays where it is: "
                 "reserve room for the largest batch first, and let what changes be numbers"));
  }
  /// What allocates or waits cannot be recorded.
  [[noreturn]] static void refuse_to(const char* do_what) {
    throw std::logic_error(sentence("lamina: a captured step cannot ", do_what,
                                    ". Keep batches and targets on the device, leave "
                                    "clip_grad_norm and what reads values out of it"));
  }
  /// Sums over several devices are not recorded.
  [[noreturn]] static void refuse_replicas() {
    throw std::logic_error(
        "lamina: a captured step is that of one device; with several, in data_parallel, make the "
        "steps as they "
        "are");
  }

 private:
  struct Operation {
    const void* kind;
    std::vector<std::byte> arguments;
  };

  std::vector<Operation> operations_;
  std::size_t at_ = 0;
  bool complete_ = false;
  std::vector<Upload> uploads_;
  std::vector<std::byte> known_;  ///< figures
  std::size_t figure_at_ = 0;
};

}  // namespace lamina::inline LAMINA_ISA
