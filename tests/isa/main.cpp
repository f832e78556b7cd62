// SPDX-License-Identifier: MIT
// Invariant 6: objects for two instruction sets in one program. Each keeps its own code, both train
// to the same losses, and the one that cannot be fast says so, once, unless it is told to be quiet.

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

const char* instruction_set_sse2();
const char* instruction_set_native();
bool is_slow_sse2();
bool is_slow_native();
std::vector<double> losses_sse2();
std::vector<double> losses_native();

namespace {

int failures = 0;

void expect(bool condition, const std::string& what) {
  if (condition) return;
  std::cout << "not so: " << what << '\n';
  ++failures;
}

/// What `action` says on std::cerr.
template <class Action>
std::string told_by(const Action& action) {
  std::ostringstream text;
  std::streambuf* const before = std::cerr.rdbuf(text.rdbuf());
  action();
  std::cerr.rdbuf(before);
  return text.str();
}

bool mentions(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

/// In a process of its own, because a program says it at first use only.
void check_quiet() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("LAMINA_QUIET", "1", 1);
    const bool quiet = told_by([] { losses_sse2(), losses_native(); }).empty();
    ::_exit(quiet ? 0 : 1);
  }
  int status = 1;
  expect(child > 0 && ::waitpid(child, &status, 0) == child && status == 0,
         "LAMINA_QUIET forbids the message");
}

void check_losses(const std::vector<double>& slow, const std::vector<double>& fast) {
  expect(slow.size() == 5 && fast.size() == 5, "both train five steps");
  for (std::size_t i = 0; i < slow.size() && i < fast.size(); ++i)
    expect(std::abs(slow[i] - fast[i]) < 1e-4,
           "both have the same loss in step " + std::to_string(i + 1));
  expect(slow.back() < slow.front(), "the loss falls");
}

}  // namespace

int main() {
  check_quiet();
  ::unsetenv("LAMINA_QUIET");

  const std::string slow_name = instruction_set_sse2(), native_name = instruction_set_native();
  const bool two_sets = slow_name != native_name;
  std::cout << slow_name << " and " << native_name << '\n';
  expect(slow_name == "SSE2" && is_slow_sse2(), "x86-64 is SSE2");
  expect(two_sets || is_slow_native(), "only a machine without AVX runs the same set twice");

  std::vector<double> slow, native;
  const std::string told_native = told_by([&] { native = losses_native(); });
  const std::string told_slow = told_by([&] { slow = losses_sse2(); });
  expect(mentions(told_native, "compiled for " + native_name) == is_slow_native(),
         "the native build speaks up only where it is slow");
  expect(mentions(told_slow, "compiled for SSE2") == two_sets, "the SSE2 build says what it is");

  check_losses(slow, native);
  const std::string told_again = told_by([&] {
    expect(losses_native() == native && losses_sse2() == slow && losses_native() == native,
           "each gives the same bits after the other has run");
  });
  expect(told_again.empty(), "it is said once");
  return failures == 0 ? 0 : 1;
}
