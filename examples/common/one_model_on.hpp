// SPDX-License-Identifier: MIT
#pragma once
// A learner of one model and its Adam on backend B.

#include <utility>

#include "lamina/losses/losses.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"

#include "common/learner_on.hpp"

namespace examples {

/// `Interface` is a Learner<Image> that knows training and evaluation.
template <class Interface, class Image, class Net, class B>
class OneModelOn : public LearnerOn<Interface, Image, B> {
 public:
  bool training() const final { return model_.training(); }
  void train(bool on) final {
    this->forget_steps();
    model_.train(on);
  }

 protected:
  template <class Self>
  OneModelOn(std::in_place_type_t<Self> self, lamina::Seed seed)
      : LearnerOn<Interface, Image, B>{self, seed}, model_{seed}, adam_{model_.parameters()} {
    auto& states = this->states();
    states.add("model.", model_.state());
    states.add("adam.", adam_.state());
    states.add("run.",
               lamina::State<lamina::Cpu>{{}, {{"training_passes", &model_.training_passes()}}});
  }

  /// What a step ends with: its loss and the way down from it.
  template <class Gradient>
  lamina::train::Figures descend(const lamina::Loss<Gradient>& loss) {
    model_.zero_grad();
    model_.backward(loss.gradient);
    adam_.step();
    return {{"loss", loss.value}};
  }

  lamina::Model<Net, Image, B> model_;

 private:
  void set_learning_rate(float rate) final { adam_.set_learning_rate(rate); }

  lamina::Adam<B> adam_;
};

}  // namespace examples
