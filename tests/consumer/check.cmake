# SPDX-License-Identifier: MIT
# Configures, builds and runs the consumer `project`, which reaches lamina by `way`, in the empty
# folder `build`; then checks that lamina brought along no more than it may.
file(REMOVE_RECURSE "${build}")
file(MAKE_DIRECTORY "${build}")
set(warnings -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror)

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${build}" COMMAND_ECHO STDOUT
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# ---- pkg-config: one call of the compiler.
if(way STREQUAL "pkg_config")
  find_program(pkg_config NAMES pkg-config pkgconf)
  if(NOT pkg_config)
    message(FATAL_ERROR "this test needs pkg-config: install it (Debian, Ubuntu: apt install pkgconf)")
  endif()
  set(ENV{PKG_CONFIG_PATH} "${prefix}/share/pkgconfig:$ENV{PKG_CONFIG_PATH}")
  execute_process(COMMAND ${pkg_config} --cflags --libs lamina OUTPUT_VARIABLE flags
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(flags MATCHES "-march|-mtune|-O|-ffast-math")
    message(FATAL_ERROR "lamina.pc exports ${flags}")
  endif()
  separate_arguments(flags)
  run(${compiler} -std=c++20 -O2 ${warnings} "${project}/main.cpp" ${flags} -o consumer)
  run(./consumer)
  return()
endif()

# ---- The three ways through CMake.
list(JOIN warnings " " warnings)
run(${CMAKE_COMMAND} -G Ninja -S "${project}" -B . -C "${search}" -D way=${way} -D lamina=${lamina}
    -D CMAKE_CXX_COMPILER=${compiler} "-DCMAKE_CXX_FLAGS=${warnings}"
    -D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_FLAGS_RELEASE=-O2 -D CMAKE_EXPORT_COMPILE_COMMANDS=ON)
run(${CMAKE_COMMAND} --build .)
run(./consumer)

# No flags beyond C++20 and OpenMP's reach the consumer (-O2 is its own).
file(READ "${build}/compile_commands.json" commands)
string(JSON command GET "${commands}" 0 command)
separate_arguments(command UNIX_COMMAND "${command}")
list(FILTER command INCLUDE REGEX "^-")
list(FILTER command EXCLUDE REGEX "^(-W.*|-I.*|-isystem|-std=.*20|-fopenmp.*|-O2|-o|-c)$")
if(command)
  message(FATAL_ERROR "flags reached the consumer: ${command}")
endif()

# No option without the prefix, but for those of CMake's modules.
file(STRINGS "${build}/CMakeCache.txt" options REGEX "^[^#/].*:(BOOL|STRING)=")
list(FILTER options EXCLUDE REGEX "^(CMAKE_|LAMINA_|FETCHCONTENT_|OpenMP_|way:|lamina:)")
if(options)
  message(FATAL_ERROR "options without LAMINA_ in the consumer's cache: ${options}")
endif()

# No tests, no install rules.
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} -N WORKING_DIRECTORY "${build}" OUTPUT_VARIABLE tests)
if(NOT tests MATCHES "Total Tests: 1\n")
  message(FATAL_ERROR "the consumer has one test of its own, but ctest lists:\n${tests}")
endif()
run(${CMAKE_COMMAND} --install . --prefix installed)
file(GLOB_RECURSE installed RELATIVE "${build}/installed" "${build}/installed/*")
if(NOT installed STREQUAL "bin/consumer")
  message(FATAL_ERROR "the consumer installs bin/consumer alone, but got: ${installed}")
endif()
