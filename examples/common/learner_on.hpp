// SPDX-License-Identifier: MIT
#pragma once
// The steps of a learner on backend B. On a device they are captured: one launch each. On several devices each has
// a learner of its own.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "lamina/backend/device/captured_step.hpp"
#include "lamina/backend/device/data_parallel.hpp"
#include "lamina/data/batches.hpp"
#include "lamina/train/loop.hpp"

#include "common/learner.hpp"

namespace examples {

/// `Interface` is a Learner<Image>.
template <class Interface, class Image, class B>
class LearnerOn : public Interface {
 public:
  lamina::train::LoopEnd learn(const lamina::Dataset<Image>& data, const TrainingLoop& loop) final {
    if constexpr (lamina::HostBackend<B>) {
      return run(data, loop, nullptr);
    } else {
      const HostStates::States& begun = this->states().fetch();
      lamina::train::LoopEnd end{};
      lamina::data_parallel<B>(loop.devices, [&](lamina::Replica& replica) {
        if (replica.rank() > 0) return follow(begun, data, loop, replica);
        meet(replica);
        end = run(data, loop, &replica);
      });
      return end;
    }
  }

 protected:
  /// `Self` and what it is made of, for further ones.
  template <class Self, class... Args>
  explicit LearnerOn(std::in_place_type_t<Self>, const Args&... args)
      : another_([=] { return std::make_unique<Self>(args...); }) {}

  /// One training step, number `number` of the run.
  virtual lamina::train::Figures step(const lamina::Batch<Image, B>& batch,
                                      std::int64_t number) = 0;

  /// Of all that is trained.
  virtual void set_learning_rate(float rate) = 0;

  /// Whether a step can be captured: it does the same each time and waits for nothing.
  virtual bool captures() const { return true; }

  /// Who looks at a model may move its memory: what was recorded of a step is no longer so.
  void forget_steps() {
    if constexpr (!lamina::HostBackend<B>) captured_.emplace(never);
  }

 private:
  static constexpr std::size_t never = (std::numeric_limits<std::size_t>::max)();

  /// The same steps by another learner, which begins where this one does, with nobody to look at them.
  void follow(const HostStates::States& begun, const lamina::Dataset<Image>& data,
              const TrainingLoop& loop, lamina::Replica& replica) const {
    const std::unique_ptr<LearnerOn> learner = another_();
    learner->states().take_over(begun);
    lamina::train::Position at = loop.at;
    lamina::train::LoopOptions options = loop.options;
    options.progress.style = lamina::train::ProgressStyle::quiet;
    meet(replica);
    learner->run(data,
                 {.options = options,
                  .at = at,
                  .interrupt = loop.interrupt,
                  .figures_every = loop.figures_every,
                  .learning_rate = loop.learning_rate,
                  .after_step = [](const auto&) { return lamina::train::Figures{}; },
                  .end_of_epoch = [](auto&&...) {},
                  .save = [] {},
                  .devices = loop.devices},
                 &replica);
  }

  /// Behind it the first may change what the others began with.
  static void meet(lamina::Replica& replica) { replica.sum({}); }

  lamina::train::LoopEnd run(const lamina::Dataset<Image>& data, const TrainingLoop& loop,
                             lamina::Replica* replica) {
    forget_steps();
    lamina::train::LoopOptions options = loop.options;
    options.replica = replica;
    const auto batch_size = static_cast<std::int64_t>(options.batch_size);
    const std::int64_t batches =
        (static_cast<std::int64_t>(data.size()) + batch_size - 1) / batch_size;
    return lamina::train::run_epochs<B>(
        data, options, loop.at, loop.interrupt,
        [&](const lamina::Batch<Image, B>& batch) {
          if (loop.learning_rate) set_learning_rate(loop.learning_rate(loop.at.step));
          const bool last = loop.at.batch + 1 == batches;
          const bool with_figures = last || (loop.at.step + 1) % loop.figures_every == 0;
          const bool captured = captures() && !with_figures && loop.devices == 1;
          return loop.after_step(run_step(batch, loop.at.step, captured));
        },
        loop.end_of_epoch, loop.save);
  }

  /// A step whose figures are wanted runs as it is, since a captured one has those of an earlier step.
  lamina::train::Figures run_step(const lamina::Batch<Image, B>& batch, std::int64_t number,
                                  bool captured) {
    if constexpr (!lamina::HostBackend<B>) {
      if (captured) {
        (*captured_)(batch.images.size(), [&] { step(batch, number); });
        return {};
      }
    }
    return step(batch, number);
  }

  using Captured =
      std::conditional_t<lamina::HostBackend<B>, std::monostate, lamina::CapturedStep<B>>;
  std::optional<Captured> captured_;
  std::function<std::unique_ptr<LearnerOn>()> another_;
};

}  // namespace examples
