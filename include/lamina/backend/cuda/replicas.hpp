// SPDX-License-Identifier: MIT
#pragma once
// Replicas on the GPUs of a machine, whose sums NCCL makes.

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include <nccl.h>

#include "lamina/backend/cuda/context.hpp"
#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/device/recording.hpp"
#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/meeting.hpp"
#include "lamina/core/replica.hpp"

namespace lamina::inline LAMINA_ISA {

namespace cuda_calls {

inline void check(ncclResult_t status, const char* call) {
  if (status == ncclSuccess) return;
  throw CudaError(sentence("lamina: ", call, " failed with \"", ncclGetErrorString(status), "\" (",
                           ncclGetLastError(nullptr),
                           "): NCCL_DEBUG=WARN in the environment says more"));
}

/// errors run: CudaError: more GPUs than there are
inline void require_devices(std::size_t asked, std::size_t there) {
  if (asked > there)
    throw CudaError(sentence("lamina: data_parallel was asked for ", asked,
                             " GPUs, and this program may use ", there,
                             ": ask for fewer, or look at CUDA_VISIBLE_DEVICES"));
}

}  // namespace cuda_calls

/// One of NCCL's ranks. Its calls do not wait for the other ranks, so that one that fails can end what they do.
class NcclRank {
 public:
  NcclRank(std::size_t rank, Meeting& meeting) : rank_(rank), meeting_(meeting) {}
  NcclRank(const NcclRank&) = delete;
  NcclRank& operator=(const NcclRank&) = delete;
  ~NcclRank() { abort(); }

  void start(const ncclUniqueId& id) {
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    finish("ncclCommInitRankConfig", [&] {
      return ncclCommInitRankConfig(&communicator_, static_cast<int>(meeting_.size()), id,
                                    static_cast<int>(rank_), &config);
    });
  }
  void all_reduce_sum(std::size_t count, void* values, ncclDataType_t type) {
    if (CudaContext::get().graph() != nullptr) Recording::refuse_replicas();
    meeting_.start(rank_);
    finish("ncclAllReduce", [&] {
      return ncclAllReduce(values, values, count, type, ncclSum, communicator_,
                           CudaContext::get().stream());
    });
  }

  /// Ends what it does, on the device too. Any thread may ask for it.
  void abort() noexcept {
    const std::lock_guard lock(in_use_);
    if (communicator_ != nullptr) static_cast<void>(ncclCommAbort(communicator_));
    communicator_ = nullptr;
    aborted_ = true;
  }

 private:
  /// Makes a call and waits until NCCL has taken it.
  template <class Call>
  void finish(const char* name, const Call& call) {
    ncclResult_t status = guarded(call);
    while (status == ncclInProgress) {
      std::this_thread::yield();
      meeting_.check();
      status = guarded([&] {
        ncclResult_t now = ncclSuccess;
        cuda_calls::check(ncclCommGetAsyncError(communicator_, &now), "ncclCommGetAsyncError");
        return now;
      });
    }
    cuda_calls::check(status, name);
  }
  template <class Call>
  ncclResult_t guarded(const Call& call) {
    const std::lock_guard lock(in_use_);
    if (aborted_) throw ReplicaStopped("lamina: another replica failed");
    return call();
  }

  std::size_t rank_;
  Meeting& meeting_;
  std::mutex in_use_;
  ncclComm_t communicator_ = nullptr;
  bool aborted_ = false;
};

class CudaReplica final : public Replica {
 public:
  CudaReplica(std::size_t rank, Meeting& meeting, NcclRank& nccl)
      : Replica(rank, meeting.size()), meeting_(meeting), nccl_(nccl) {}

  void all_reduce_sum(std::size_t count, float* values) override {
    nccl_.all_reduce_sum(count, values, ncclFloat32);
  }
  void all_reduce_sum(std::size_t count, double* values) override {
    nccl_.all_reduce_sum(count, values, ncclFloat64);
  }
  void sum(std::span<double> values) override { meeting_.sum(rank(), values); }

 private:
  Meeting& meeting_;
  NcclRank& nccl_;
};

/// What data_parallel asks a device for.
class CudaReplicas {
 public:
  /// errors run: NoCudaDevice; CudaError: more than there are
  static void require(std::size_t devices) {
    cuda_calls::require_devices(devices, CudaContext::devices());
  }

  /// On devices 0, 1, ...
  explicit CudaReplicas(std::size_t devices) : meeting_(devices) {
    cuda_calls::check(ncclGetUniqueId(&id_), "ncclGetUniqueId");
    for (std::size_t rank = 0; rank < devices; ++rank)
      ranks_.emplace_back(rank, meeting_);
  }

  /// In the replica's thread.
  std::unique_ptr<CudaReplica> join(std::size_t rank) {
    CudaContext::use(static_cast<int>(rank));
    CudaContext::get().open_to(meeting_.size());
    ranks_[rank].start(id_);
    return std::make_unique<CudaReplica>(rank, meeting_, ranks_[rank]);
  }
  void leave(std::size_t rank) {
    CudaContext::get().wait();  // others may need what this one still does
    meeting_.leave(rank);
  }
  /// Wakes the threads that wait for each other, and those that wait for their device.
  void stop() noexcept {
    meeting_.stop();
    for (NcclRank& rank : ranks_)
      rank.abort();
  }

 private:
  Meeting meeting_;
  ncclUniqueId id_{};
  std::deque<NcclRank> ranks_;  ///< destroyed when all threads have ended
};

}  // namespace lamina::inline LAMINA_ISA
