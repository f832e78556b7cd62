// SPDX-License-Identifier: MIT
// Trains the small convolutional classifier of Fashion-MNIST that generated images are scored with.

#include <array>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "lamina/losses/cross_entropy.hpp"

#include "common/images.hpp"
#include "common/layer_text.hpp"
#include "common/numbers.hpp"
#include "common/run_report.hpp"
#include "common/training.hpp"
#include "learner.hpp"

namespace examples {
namespace {

using Image = Classifier::Image;

struct ClassifierOptions : TrainerOptions {
  ScheduleOptions schedule{.schedule = "cosine"};
};

struct Evaluation {
  double loss = 0.0;                                ///< nats per image
  double accuracy = 0.0;                            ///< share of images
  std::array<std::array<int, 10>, 10> confusion{};  ///< [label][predicted]
};

Evaluation evaluate(ClassifierLearner& classifier, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(classifier);
  Evaluation result;
  for (const auto& batch : lamina::batches(images, 128, lamina::InOrder{})) {
    const auto logits = classifier.logits(batch.images);
    result.loss += lamina::cross_entropy(logits, batch.labels, lamina::Reduction::sum).value;
    const auto values = logits.array();
    for (std::size_t n = 0; n < logits.size(); ++n) {
      std::size_t best = 0;
      for (std::size_t c = 1; c < 10; ++c)
        if (values(n, c) > values(n, best)) best = c;
      ++result.confusion[batch.labels[n]][best];
    }
  }
  int right = 0;
  for (std::size_t c = 0; c < 10; ++c)
    right += result.confusion[c][c];
  const auto count = static_cast<double>(images.size());
  result.loss /= count;
  result.accuracy = right / count;
  return result;
}

void write_report(ClassifierLearner& classifier, const lamina::datasets::FashionMnist& data,
                  const OpenRun& run, const lamina::train::MetricsTable& metrics,
                  bool interrupted) {
  RunReport report(run, data, metrics, interrupted, "Classifier");
  auto& page = report.page();
  const Evaluation test = evaluate(classifier, data.test);
  page.section("Result").note(with_digits(100.0 * test.accuracy, 2) +
                              " % of the test images are classified correctly.");
  if (!metrics.rows.empty())
    report.curves("loss.png", "Cross entropy, " + about_run(data, metrics), "nats per image",
                  {{"train_loss", "training images"}, {"test_loss", "test images"}},
                  "Curves of the cross entropy over the epochs",
                  "Both evaluated over the whole set after each epoch, without dropout.");
  page.section("Confusions");
  std::vector<std::string> header{"label"};
  std::vector<std::vector<std::string>> rows;
  for (std::size_t label = 0; label < 10; ++label) {
    const std::string name(lamina::datasets::fashion_mnist_classes[label]);
    header.push_back(name);
    rows.push_back({name});
    for (const int count : test.confusion[label])
      rows.back().push_back(std::to_string(count));
  }
  page.table(header, rows, "test images: what they are (rows) and what they were taken for");
  report.finish({{"", layer_table_text<Classifier::Net, Image>()}});
}

int run(ClassifierOptions& options, const CommandLine& line) {
  const OpenRun opened = open_run(options, line, "", options.schedule);
  const auto data = load_data(options);
  say_start("Classifier", options, data);

  const auto learner = make_classifier(lamina::Seed{options.seed}, options.on());
  TrainingRun training(options, opened, learner->states(),
                       {"train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds",
                        "images_per_second"});
  const std::int64_t steps = training.steps(data.train.size());
  training.train(
      *learner, data.train, lamina::PixelRange::unit,
      {.end_of_epoch = [&](std::int64_t,
                           const lamina::train::EpochTime& time) -> std::vector<double> {
         const Evaluation trained = evaluate(*learner, data.train);
         const Evaluation test = evaluate(*learner, data.test);
         return {trained.loss,  trained.accuracy, test.loss,
                 test.accuracy, time.seconds,     time.images_per_second};
       },
       .learning_rate = [&](std::int64_t step) { return options.schedule.at(step, steps); }});
  save_trained(opened.folder / "model.safetensors", {learner->states().fetch("model.", "")});
  write_report(*learner, data, opened, training.metrics(), training.interrupted());
  return training.finish();
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::ClassifierOptions options;
  options.epochs = 6;
  examples::CommandLine line("Trains a small convolutional classifier of Fashion-MNIST.",
                             "classifier");
  options.add_to(line);
  options.schedule.add_to(line, options.remembered);
  return line.run(argc, argv, [&] { return examples::run(options, line); });
}
