// SPDX-License-Identifier: MIT
// Half of a program in which two units include every header of lamina.
#include "all_headers.hpp"

int version_of_the_other_unit();

int main() {
  return version_of_the_other_unit() == LAMINA_VERSION_MINOR ? 0 : 1;
}
