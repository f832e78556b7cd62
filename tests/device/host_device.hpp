// SPDX-License-Identifier: MIT
#pragma once
// A device that is the host: kernels' bodies run in plain loops, matrix products are computed from the numbers
// that cuBLASLt would be given. Its memory cannot be touched but by its own operations, so that a model that
// runs on it would run on a device with memory of its own. Each thread has such a device.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <new>
#include <stdexcept>
#include <vector>

#include <sys/mman.h>

#include "lamina/backend/device/device_backend.hpp"
#include "lamina/backend/device/plain_convolution.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/backend/device/recording.hpp"
#include "lamina/core/isa.hpp"

#include "device/host_replicas.hpp"

namespace support {

/// Memory that is closed to everybody unless an operation opens it.
class ClosedMemory {
 public:
  static ClosedMemory& get() {
    thread_local ClosedMemory memory;
    return memory;
  }

  void* allocate(std::size_t bytes) {
    const std::size_t size = (bytes + alignment - 1) / alignment * alignment;
    for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
      const auto [begin, found] = *gap;
      if (found < size) continue;
      gaps_.erase(gap);
      if (found > size) gaps_.emplace(begin + size, found - size);
      blocks_.emplace(begin, size);
      return base_ + begin;
    }
    throw std::bad_alloc();
  }

  void release(void* memory) noexcept {
    const auto block = blocks_.find(static_cast<std::size_t>(static_cast<char*>(memory) - base_));
    auto [begin, size] = *block;
    blocks_.erase(block);
    const auto next = gaps_.lower_bound(begin);
    if (next != gaps_.end() && next->first == begin + size) {
      size += next->second;
      gaps_.erase(next);
    }
    const auto behind = gaps_.lower_bound(begin);
    if (behind != gaps_.begin()) {
      const auto before = std::prev(behind);
      if (before->first + before->second == begin) {
        before->second += size;
        return;
      }
    }
    gaps_.emplace(begin, size);
  }

  ClosedMemory(const ClosedMemory&) = delete;
  ClosedMemory& operator=(const ClosedMemory&) = delete;
  ~ClosedMemory() { munmap(base_, room); }

  std::size_t blocks() const { return blocks_.size(); }

  /// Open as long as this lives.
  class Opened {
   public:
    Opened() { get().protect(PROT_READ | PROT_WRITE); }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() { get().protect(PROT_NONE); }
  };

 private:
  static constexpr std::size_t alignment = 64;
  static constexpr std::size_t room = std::size_t{1} << 30;

  ClosedMemory()
      : base_(static_cast<char*>(
            mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    gaps_.emplace(0, room);
  }
  void protect(int protection) {
    if (mprotect(base_, room, protection) != 0) throw std::runtime_error("mprotect failed");
  }

  char* base_;
  std::map<std::size_t, std::size_t> blocks_, gaps_;  // where they begin, and their sizes
};

/// A recorded step: what is to be done, in order.
struct HostGraph {
  lamina::Recording recording;
  std::vector<std::function<void()>> operations;
  std::vector<std::byte> slots = std::vector<std::byte>(lamina::Recording::figure_room);
};

struct HostDevice {
  using Index = lamina::device_kernels::Index;
  using Recording = lamina::Recording;
  using Replicas = HostReplicas<HostDevice>;

  static void prepare() {}
  static void* allocate(std::size_t bytes) {
    if (graph() != nullptr) Recording::refuse_to("allocate memory");
    void* const memory = ClosedMemory::get().allocate(bytes);
    const ClosedMemory::Opened opened;
    return std::memset(memory, 0, bytes);
  }
  static void release(void* memory) noexcept { ClosedMemory::get().release(memory); }

  static void copy(std::size_t bytes, const void* from, void* to) {
    once("copy", {Recording::bytes_of(bytes), Recording::bytes_of(from), Recording::bytes_of(to)},
         [=] { copy_memory(bytes, from, to); });
  }
  static void copy_from_host(std::size_t bytes, const void* from, void* to) {
    if (graph() != nullptr)
      graph()->recording.upload(bytes, from, to);
    else
      copy_memory(bytes, from, to);
  }
  static void copy_to_host(std::size_t bytes, const void* from, void* to) {
    if (graph() != nullptr) Recording::refuse_to("bring values to the host");
    copy_memory(bytes, from, to);
  }
  static void copy_figures(std::size_t bytes, const void* from, void* to) {
    if (graph() == nullptr) return copy_to_host(bytes, from, to);
    void* const slot = graph()->slots.data() + graph()->recording.figure(bytes, to);
    once("figures",
         {Recording::bytes_of(bytes), Recording::bytes_of(from), Recording::bytes_of(slot)},
         [=] { copy_memory(bytes, from, slot); });
  }

  static void* scratch(std::size_t bytes) { return grown<0>(bytes); }
  static const std::uint8_t* labels(std::size_t count, const std::uint8_t* from) {
    void* const memory = grown<1>(count);
    copy_from_host(count, from, memory);
    return static_cast<const std::uint8_t*>(memory);
  }

  template <class Body>
  static void launch(std::size_t count, const Body& body) {
    enqueue(&kind_of<Body>, {Recording::bytes_of(count), Recording::bytes_of(body)}, [=] {
      const ClosedMemory::Opened opened;
      // The last first, as no kernel may rely on an order.
      for (Index i = lamina::device_kernels::index(count); i-- > 0;)
        body(i);
    });
  }

  /// As the device's: each of so many threads sums every so-manieth term, then they are added by halves.
  template <class Sum, class Term, class Finish>
  static void reduce(std::size_t groups, std::size_t length, const Term& term,
                     const Finish& finish) {
    enqueue(&kind_of<Term, Finish>,
            {Recording::bytes_of(groups), Recording::bytes_of(length), Recording::bytes_of(term),
             Recording::bytes_of(finish)},
            [=] {
              const ClosedMemory::Opened opened;
              constexpr Index threads = 256;
              for (Index group = 0; group < groups; ++group) {
                std::array<Sum, threads> sums{};
                for (Index i = 0; i < length; ++i)
                  sums[i % threads] += term(group, i);
                for (Index half = threads / 2; half > 0; half /= 2)
                  for (Index i = 0; i < half; ++i)
                    sums[i] += sums[i + half];
                finish(group, sums[0]);
              }
            });
  }

  template <class Value>
  static void multiply(const lamina::RowMajorProduct& product, const Value* a, const Value* b,
                       float* c) {
    once("matrix product",
         {Recording::bytes_of(product.rows), Recording::bytes_of(product.columns),
          Recording::bytes_of(product.inner), Recording::bytes_of(product.transpose_a),
          Recording::bytes_of(product.transpose_b), Recording::bytes_of(product.accumulate),
          Recording::bytes_of(a), Recording::bytes_of(b), Recording::bytes_of(c)},
         [=] { multiply_columns(product.b_first(), b, a, c); });
  }
  /// What cublasSgemm and cublasLtMatmul are documented to do.
  template <class Value>
  static void multiply_columns(const lamina::MatrixProduct& p, const Value* a, const Value* b,
                               float* c) {
    using lamina::device_kernels::number;
    const ClosedMemory::Opened opened;
    for (std::size_t j = 0; j < p.columns; ++j)
      for (std::size_t i = 0; i < p.rows; ++i) {
        double sum = p.accumulate ? static_cast<double>(c[i + j * p.ldc]) : 0.0;
        for (std::size_t k = 0; k < p.inner; ++k)
          sum += number(p.transpose_a ? a[k + i * p.lda] : a[i + k * p.lda]) *
                 number(p.transpose_b ? b[j + k * p.ldb] : b[k + j * p.ldb]);
        c[i + j * p.ldc] = static_cast<float>(sum);
      }
  }

  using Plain = lamina::PlainConvolution<HostDevice>;
  template <class Value>
  static void convolution(const lamina::Convolution& convolution, const Value* x,
                          const Value* filter, Value* y) {
    Plain::forward(convolution, x, filter, y);
  }
  template <class Value>
  static void convolution_data(const lamina::Convolution& convolution, const Value* filter,
                               const Value* y, Value* x) {
    Plain::data(convolution, filter, y, x);
  }
  template <class Value>
  static void convolution_filter(const lamina::Convolution& convolution, const Value* x,
                                 const Value* dy, Value* gradient) {
    Plain::filter(convolution, x, dy, gradient);
  }

  static void refuse_in_a_recording() {
    if (graph() != nullptr) Recording::refuse_replicas();
  }

  // What CapturedStep asks for.

  using Graph = HostGraph;

  static void begin_step(HostGraph& step, bool with_figures) {
    if (with_figures && step.recording.complete()) step.recording.fetch(step.slots.data());
    step.recording.begin();
    graph() = &step;
  }
  static void run_step(HostGraph& step) {
    graph() = nullptr;
    step.recording.end();
    for (const Recording::Upload& upload : step.recording.uploads())
      copy_memory(upload.bytes.size(), upload.bytes.data(), upload.to);
    for (const auto& operation : step.operations)
      operation();
  }
  static void drop_step(HostGraph&) noexcept { graph() = nullptr; }

 private:
  template <class... Bodies>
  static constexpr char kind_of = 0;

  /// The step that is being recorded or compared with its record.
  static HostGraph*& graph() {
    thread_local HostGraph* current = nullptr;
    return current;
  }

  static void copy_memory(std::size_t bytes, const void* from, void* to) {
    if (bytes == 0) return;
    const ClosedMemory::Opened opened;
    std::memcpy(to, from, bytes);
  }

  template <class Run>
  static void enqueue(const void* kind, std::initializer_list<Recording::Bytes> arguments,
                      const Run& run) {
    if (graph() == nullptr) return run();
    switch (graph()->recording.next(kind, arguments)) {
      case Recording::Next::added:
        graph()->operations.emplace_back(run);
        break;
      case Recording::Next::same:
        break;
      case Recording::Next::changed:
        graph()->operations.at(graph()->recording.number()) = run;
    }
  }

  /// What cannot be changed once it is recorded.
  template <class Run>
  static void once(const char* kind, std::initializer_list<Recording::Bytes> arguments,
                   const Run& run) {
    if (graph() == nullptr) return run();
    switch (graph()->recording.next(kind, arguments)) {
      case Recording::Next::added:
        graph()->operations.emplace_back(run);
        break;
      case Recording::Next::same:
        break;
      case Recording::Next::changed:
        Recording::refuse("an operation on other memory than");
    }
  }

  template <int Which>
  static void* grown(std::size_t bytes) {
    thread_local void* memory = nullptr;
    thread_local std::size_t size = 0;
    if (bytes > size) {
      if (memory != nullptr) release(memory);
      memory = allocate(bytes);
      size = bytes;
    }
    return memory;
  }
};

/// The device backend without a device.
struct OnHostDevice : lamina::DeviceBackend<HostDevice> {};

}  // namespace support
