# SPDX-License-Identifier: MIT
# What lamina's own tests, examples and benches are built with. Nothing of it is exported.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_program(LAMINA_CCACHE ccache)
mark_as_advanced(LAMINA_CCACHE)
if(LAMINA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets it cache what precompiled headers go into. With paths from here on, presets that differ in
  # other things than flags share what they compile: the trainers of `release` and of `cuda`.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${LAMINA_CCACHE})
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "lamina needs g++ 12 or newer, and this is ${CMAKE_CXX_COMPILER_VERSION}: "
                      "name another with -DCMAKE_CXX_COMPILER=...")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "lamina needs clang 19 or newer, and this is ${CMAKE_CXX_COMPILER_VERSION}: "
                      "name another with -DCMAKE_CXX_COMPILER=...")
endif()

# Each program of lamina's own links this: all of the library, tuned for this machine, and strict.
add_library(lamina_development INTERFACE)
target_link_libraries(lamina_development INTERFACE lamina::lamina lamina::native)
foreach(component IN ITEMS data io plot)
  target_link_libraries(lamina_development INTERFACE $<TARGET_NAME_IF_EXISTS:lamina::${component}>)
endforeach()
target_compile_options(lamina_development INTERFACE
                       -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# What has precompiled headers links this too.
add_library(lamina_precompiled INTERFACE)
# g++ 12 warns of overlaps in its own std::string that cannot be (GCC's bug 105651). What it takes for uninitialised
# in its own AVX-512, intrinsics.hpp silences, which it forgets where that header comes precompiled.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(lamina_development INTERFACE -Wno-restrict)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS ${LAMINA_ARCH})
  check_cxx_source_compiles("#ifndef __AVX512F__
#error without AVX-512
#endif
int main() {}" LAMINA_HAS_AVX512)
  unset(CMAKE_REQUIRED_FLAGS)
  if(LAMINA_HAS_AVX512)
    target_compile_options(lamina_precompiled INTERFACE -Wno-maybe-uninitialized -Wno-uninitialized)
  endif()
endif()
target_compile_definitions(lamina_development INTERFACE
                           LAMINA_EXAMPLE_DATA="${PROJECT_SOURCE_DIR}/examples/data")

# lamina_fetch_build(<package> <url> <tag> <Debian's package> [<variable> <value>]...): fetches a
# library that is not only headers and builds it here, with these variables set.
function(lamina_fetch_build package url tag debian)
  lamina_fetch(${package} ${url} ${tag} folder)
  if(NOT folder)
    lamina_report_missing(${package} ${debian})
  endif()
  while(ARGN)
    list(POP_FRONT ARGN variable value)
    set(${variable} ${value})
  endwhile()
  add_subdirectory("${folder}" "${CMAKE_BINARY_DIR}/_deps/${package}-build" EXCLUDE_FROM_ALL)
endfunction()

# What is written for NVIDIA GPUs: nvcc with the same host compiler, as strict. `-Wpedantic` would be about
# nvcc's own code. Not optimised on the host, whose part is small.
if(LAMINA_CUDA)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 90)
  endif()
  if(NOT DEFINED CMAKE_CUDA_HOST_COMPILER)
    set(CMAKE_CUDA_HOST_COMPILER "${CMAKE_CXX_COMPILER}")
  endif()
  enable_language(CUDA)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  add_library(lamina_cuda_development INTERFACE)
  target_link_libraries(lamina_cuda_development INTERFACE lamina::lamina lamina::cuda)
  target_compile_options(lamina_cuda_development INTERFACE
                         -Werror=all-warnings -Xcompiler=-Wall,-Wextra,-Wconversion,-Wshadow,-Werror,-Wno-restrict)
endif()
