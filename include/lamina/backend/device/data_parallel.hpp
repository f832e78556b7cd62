// SPDX-License-Identifier: MIT
#pragma once
// data_parallel<B>: one training program on several devices of a machine, each with a replica of the model.

#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/core/replica.hpp"

namespace lamina::inline LAMINA_ISA {

namespace impl {

/// There is no other.
struct OnlyReplica final : Replica {
  OnlyReplica() : Replica(0, 1) {}
  void all_reduce_sum(std::size_t, float*) override {}
  void all_reduce_sum(std::size_t, double*) override {}
  void sum(std::span<double>) override {}
};

/// The first replica runs in this thread, each other one in a thread of its own. A device's Replicas(number of
/// devices) have, for a replica's thread, join(rank), a pointer to its Replica, and leave(rank) at its end; stop() by one
/// that fails ends what the others wait for. Replicas::require(number) throws where there are not so many devices.
template <class Replicas, class Train>
void run_replicas(std::size_t devices, const Train& train) {
  Replicas replicas(devices);
  std::mutex failing;
  std::exception_ptr first;
  const auto fail = [&] {
    const std::lock_guard lock(failing);
    if (first == nullptr) first = std::current_exception();
    replicas.stop();
  };
  const auto run = [&](std::size_t rank) noexcept {
    try {
      const auto replica = replicas.join(rank);
      train(static_cast<Replica&>(*replica));
      replicas.leave(rank);
    } catch (...) {
      fail();
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t rank = 1; rank < devices; ++rank)
        others.emplace_back(run, rank);
      run(0);
    } catch (...) {
      fail();
    }
  }
  if (first != nullptr) std::rethrow_exception(first);
}

}  // namespace impl

/// Whether data_parallel<B> can be had on so many devices, before anything is begun.
/// errors run: none asked for, more than there are
template <class B>
  requires(!HostBackend<B>)
void require_devices(std::size_t devices) {
  require(devices >= 1, "data_parallel needs at least one device, got none");
  if (devices == 1) return;
  if constexpr (requires { typename B::device::Replicas; })
    B::device::Replicas::require(devices);
  else
    throw std::runtime_error(sentence("lamina: data_parallel was asked for ", devices,
                                      " devices, and this program was built for one, without the "
                                      "library that adds up what several have "
                                      "(NCCL for NVIDIA GPUs): install it and build again"));
}

/// Calls train(replica) on each of `devices` devices and waits for all of them: for the first in the caller's thread,
/// so that it may use what lies there, for each other one in a thread of its own
/// (torch.nn.parallel.DistributedDataParallel):
///   data_parallel<Cuda>(2, [&](Replica& replica) {
///     Model<Net, Image, Cuda> model{Seed{1}};
///     Adam adam{model.parameters()};
///     for (const auto& [images, labels] :
///          batches_on<Cuda>(data, 128, Shuffle{Seed{1}}, PixelRange::unit, {.replica = &replica})) ...
///   });
/// What is written in `train` is what one device is told. Each replica gets its shard of every batch of 128; a
/// backward pass adds up the gradients of all of them, and losses, batch normalisation and random draws are those of
/// the whole batch. So all replicas hold the same parameters, bit by bit, as long as they start with the same and
/// make the same steps. Batches of other kinds are cut by Tensor<Image, B>{batch, replica.shard(batch.size())}; a
/// batch that is not, such as one of a test set, is a replica's own affair.
/// errors run: as require_devices; the first exception that a replica throws, which ends the others
///        with ReplicaStopped where they wait for it; ReplicaStopped: a replica made fewer steps
template <class B, class Train>
  requires(!HostBackend<B>)
void data_parallel(std::size_t devices, const Train& train) {
  require_devices<B>(devices);
  if (devices == 1) {
    impl::OnlyReplica only;
    train(static_cast<Replica&>(only));
    return;
  }
  if constexpr (requires { typename B::device::Replicas; })
    impl::run_replicas<typename B::device::Replicas>(devices, train);
}

}  // namespace lamina::inline LAMINA_ISA
