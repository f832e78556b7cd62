// SPDX-License-Identifier: MIT
#pragma once
// Where the threads of replicas wait for each other, until one of them fails.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <stdexcept>
#include <vector>

#include "lamina/core/isa.hpp"

namespace lamina {

/// What a replica waited for does not come: another one failed, or made fewer steps.
class ReplicaStopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

/// Of `size` threads, ranks 0 ... size - 1.
class Meeting {
 public:
  explicit Meeting(std::size_t size) : given_(size), started_(size) {}

  std::size_t size() const { return given_.size(); }

  /// values[i] = the sum of all threads' values[i], added in the order of their ranks.
  /// errors run: ReplicaStopped; std::logic_error: not as many values everywhere
  template <class Value>
  void sum(std::size_t rank, std::span<Value> values) {
    given_[rank] = {values.data(), values.size()};
    wait();
    for (const Given& other : given_)
      if (other.count != values.size())
        throw std::logic_error(
            "lamina: replicas were asked for sums of different lengths; all of them train the same "
            "model on "
            "shards of the same batches");
    // Each thread sums a part of the values, which no other reads, and then takes over those of the others.
    const auto begin = [&](std::size_t part) { return part * values.size() / size(); };
    for (std::size_t i = begin(rank); i < begin(rank + 1); ++i) {
      Value total{};
      for (const Given& other : given_)
        total += static_cast<const Value*>(other.values)[i];
      values[i] = total;
    }
    wait();
    for (std::size_t part = 0; part < size(); ++part)
      if (part != rank)
        std::copy(static_cast<const Value*>(given_[part].values) + begin(part),
                  static_cast<const Value*>(given_[part].values) + begin(part + 1),
                  values.data() + begin(part));
    wait();
  }

  /// A thread begins something on its device that all of them must begin.
  /// errors run: ReplicaStopped, if another has failed or come to its end
  void start(std::size_t rank) {
    const std::lock_guard lock(mutex_);
    if (stopped_ || left_) refuse();
    ++started_[rank];
  }

  /// Nobody waits any longer: a thread failed.
  void stop() noexcept {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  /// A thread has come to its end; who waits for it waits in vain.
  /// errors run: ReplicaStopped, if another has started more
  void leave(std::size_t rank) {
    const std::lock_guard lock(mutex_);
    left_ = true;
    changed_.notify_all();
    if (std::ranges::max(started_) > started_[rank]) refuse();
  }

  /// errors run: ReplicaStopped, if a thread failed
  void check() {
    const std::lock_guard lock(mutex_);
    if (stopped_) refuse();
  }

 private:
  struct Given {
    const void* values = nullptr;
    std::size_t count = 0;
  };

  void wait() {
    std::unique_lock lock(mutex_);
    const std::size_t now = meetings_;
    if (!stopped_ && !left_ && ++arrived_ == size()) {
      arrived_ = 0;
      ++meetings_;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return meetings_ != now || stopped_ || left_; });
    if (meetings_ == now) refuse();
  }
  [[noreturn]] void refuse() const {
    throw ReplicaStopped(stopped_ ? "lamina: another replica failed"
                                  : "lamina: one replica ended while another went on; all of them "
                                    "make the same steps");
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Given> given_;
  std::vector<std::size_t> started_;
  std::size_t arrived_ = 0;
  std::size_t meetings_ = 0;
  bool stopped_ = false;
  bool left_ = false;
};

}  // namespace lamina::inline LAMINA_ISA
