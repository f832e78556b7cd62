// SPDX-License-Identifier: MIT
#pragma once
// Ctrl-C as a request: the first SIGINT or SIGTERM sets a flag that a training loop looks at
// between steps, the second ends the program at once. POSIX.

#include <atomic>
#include <stdexcept>

#include <signal.h>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::train {

/// While one lives, SIGINT and SIGTERM are caught; afterwards they do again what they did before.
/// One at a time: the flag belongs to the process.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Has somebody asked to stop?
  bool requested() const { return signal() != 0; }

  /// SIGINT or SIGTERM; 0 if none has come. 128 + this is the exit code a shell expects.
  int signal() const { return caught_.load(); }

 private:
  static void handle(int signal);

  static inline std::atomic<int> caught_{0};
  static inline std::atomic<bool> active_{false};
  struct sigaction old_interrupt_{};
  struct sigaction old_terminate_{};
};

inline InterruptGuard::InterruptGuard() {
  static_assert(std::atomic<int>::is_always_lock_free,
                "the handler may only touch lock-free flags");
  if (active_.exchange(true)) throw std::logic_error("only one InterruptGuard may live at a time");
  caught_ = 0;
  struct sigaction action{};
  action.sa_handler = &InterruptGuard::handle;
  action.sa_flags = SA_RESTART;  // a write in progress is not torn by the request
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

inline InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
  active_ = false;
}

inline void InterruptGuard::handle(int signal) {
  if (caught_.exchange(signal) == 0) return;
  ::signal(signal, SIG_DFL);  // the second time: end as if nobody had caught it
  ::raise(signal);
}

}  // namespace lamina::inline LAMINA_ISA::train
