// SPDX-License-Identifier: MIT
// The operators new and delete of this program count; and memory_plan says what a model takes.

#include "invariants/counted_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "model/networks.hpp"
#include "support/model_check.hpp"

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> aligned_bytes{0};

void* taken(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  ++allocations;
  return memory;
}

/// Aligned blocks keep their size in front of themselves, one alignment before what is handed out.
void* take_aligned(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  const std::size_t whole = (size + 2 * step - 1) / step * step;
  auto* const memory = static_cast<char*>(taken(std::aligned_alloc(step, whole)));
  std::memcpy(memory, &size, sizeof size);
  aligned_bytes += size;
  return memory + step;
}

void give_aligned(void* memory, std::align_val_t alignment) noexcept {
  if (memory == nullptr) return;
  char* const whole = static_cast<char*>(memory) - static_cast<std::size_t>(alignment);
  std::size_t size = 0;
  std::memcpy(&size, whole, sizeof size);
  aligned_bytes -= size;
  std::free(whole);
}

}  // namespace

// Neither is inline: g++ would see memory of malloc end in `delete`, or of `new` in free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return taken(std::malloc(size == 0 ? 1 : size));
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return taken(std::malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take_aligned(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return take_aligned(size, alignment);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t alignment) noexcept {
  give_aligned(memory, alignment);
}
void operator delete[](void* memory, std::align_val_t alignment) noexcept {
  give_aligned(memory, alignment);
}
void operator delete(void* memory, std::size_t, std::align_val_t alignment) noexcept {
  give_aligned(memory, alignment);
}
void operator delete[](void* memory, std::size_t, std::align_val_t alignment) noexcept {
  give_aligned(memory, alignment);
}

support::HeapUse support::heap_use() {
  return {allocations, aligned_bytes};
}

namespace {

using lamina::MemoryPlan;
using lamina::Seed;
using lamina::Shape;
using lamina::Tensor;
using support::heap_use;

TEST(CountedMemory, Counts) {
  // The counter itself, so that a test of zero allocations can fail.
  const auto before = heap_use();
  {
    const Tensor<Shape<7>> tensor(3);
    int* volatile number = new int(1);  // volatile: clang leaves out a pair that nobody sees
    EXPECT_EQ(heap_use().allocations, before.allocations + 2);
    EXPECT_EQ(heap_use().aligned_bytes, before.aligned_bytes + 3 * 7 * sizeof(float));
    delete number;
  }
  EXPECT_EQ(heap_use().aligned_bytes, before.aligned_bytes);
}

/// What the allocator hands out for a forward, a training step and a smaller batch is what the plan says.
template <class M>
void expect_used_as_planned() {
  const Tensor<typename M::input_shape> images(5);
  const Tensor<typename M::output_shape> targets(5);
  const std::size_t before = heap_use().aligned_bytes;
  const auto used = [&] { return heap_use().aligned_bytes - before; };
  M model{Seed{1}};
  const MemoryPlan plan = M::memory_plan(5);
  const auto [loss, gradient] = mse_loss(model.forward(images), targets);
  EXPECT_EQ(used(), plan.total() - plan.gradients - plan.differences) << "inference";
  model.zero_grad();
  model.backward(gradient);
  EXPECT_EQ(used(), plan.total()) << "training";
  model.forward(images.images(0, 2));
  EXPECT_EQ(used(), plan.total()) << "a smaller batch";
}

TEST(MemoryPlan, IsWhatIsAllocated) {
  expect_used_as_planned<support::ConvModel>();
  expect_used_as_planned<support::FcModel>();
}

TEST(MemoryPlan, GrowsWithTheBatch) {
  using M = support::ConvModel;
  const MemoryPlan one = M::memory_plan(1), ten = M::memory_plan(10);
  EXPECT_EQ(one.parameters, ten.parameters);
  EXPECT_EQ(one.gradients, one.parameters);
  EXPECT_EQ(10 * one.activations, ten.activations);
  EXPECT_EQ(10 * one.differences, ten.differences);
  std::size_t values = 0;
  for (const auto& tensor : M(Seed{1}).named_parameters())
    values += tensor.size();
  EXPECT_GE(one.parameters, values * sizeof(float));
}

}  // namespace
