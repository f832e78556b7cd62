// SPDX-License-Identifier: MIT
// The README's example is the program examples/quickstart.cpp, letter for letter, and it runs.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "lamina/io/safetensors_file.hpp"

#include "support/temporary_folder.hpp"

namespace quickstart_slow_test {

const std::filesystem::path source = std::filesystem::path(LAMINA_TEST_DATA) / "../..";

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Quickstart, IsTheExampleOfTheReadme) {
  const std::string program = text_of(source / "examples/quickstart.cpp");
  const std::string marker = "// [snippet]\n";
  const auto begin = program.find(marker) + marker.size();
  const std::string snippet = program.substr(begin, program.rfind(marker) - begin);
  ASSERT_GT(snippet.size(), 1000U);
  EXPECT_NE(text_of(source / "README.md").find("```cpp\n" + snippet + "```"), std::string::npos)
      << "README.md and examples/quickstart.cpp differ";
}

TEST(Quickstart, TrainsAndSavesAModelForPyTorch) {
  const support::TemporaryFolder folder;
  const std::string command = "cd " + folder.path().string() +
                              " && LAMINA_DATA_DIR=" + LAMINA_TEST_DATA + "/fashion-mnist-subset " +
                              LAMINA_EXAMPLES_DIR + "/quickstart > log";
  ASSERT_EQ(WEXITSTATUS(std::system(command.c_str())), 0);
  const auto file = lamina::read_safetensors(folder / "autoencoder.safetensors");
  EXPECT_EQ(file.entries.at("0.3.weight").shape, (std::vector<std::size_t>{64, 32, 4, 4}));
  const std::string log = text_of(folder / "log");
  const auto loss_of = [&](const char* epoch) {
    const auto at = log.find(epoch);
    return std::stod(log.substr(log.find("loss ", at) + 5));
  };
  EXPECT_LT(loss_of("epoch 10:"), 0.5 * loss_of("epoch 1:")) << log;
}

}  // namespace quickstart_slow_test
