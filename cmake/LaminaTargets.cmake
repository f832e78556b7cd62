# SPDX-License-Identifier: MIT
# The library: lamina::lamina, lamina::native and the opt-in components. All are headers.

# lamina_add_component(<name> <libraries>...): lamina::<name>, where all its libraries are there.
function(lamina_add_component name)
  foreach(library IN LISTS ARGN)
    if(NOT TARGET ${library})
      message(STATUS "lamina::${name} is left out, as ${library} was not found "
                     "(LAMINA_COMPONENTS=${name} asks for it)")
      return()
    endif()
  endforeach()
  add_library(lamina_${name} INTERFACE)
  add_library(lamina::${name} ALIAS lamina_${name})
  set_target_properties(lamina_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(lamina_${name} INTERFACE lamina ${ARGN})
endfunction()

add_library(lamina INTERFACE)
add_library(lamina::lamina ALIAS lamina)
target_compile_features(lamina INTERFACE cxx_std_20)
target_include_directories(lamina INTERFACE
                           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(lamina INTERFACE OpenMP::OpenMP_CXX xtensor xsimd Random123::Random123)

lamina_add_component(data ZLIB::ZLIB)
lamina_add_component(io nlohmann_json::nlohmann_json)
lamina_add_component(plot CImg::CImg PNG::PNG Threads::Threads)

# Kernels are lambdas, and call constexpr functions. nvcc does not know all pragmas of g++ and tells its host
# compiler nothing of OpenMP by itself. CMake 3.25.1 does not know that nvcc has C++20.
# NCCL, for several GPUs, is used where the program's own build finds it.
if(LAMINA_CUDA)
  lamina_add_component(cuda CUDA::cudart_static CUDA::cublasLt cuDNN::cuDNN)
  target_link_libraries(lamina_cuda INTERFACE $<TARGET_NAME_IF_EXISTS:NCCL::NCCL>)
  target_compile_definitions(lamina_cuda INTERFACE $<$<TARGET_EXISTS:NCCL::NCCL>:LAMINA_NCCL>)
  target_compile_options(
    lamina_cuda INTERFACE
    "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--extended-lambda;--expt-relaxed-constexpr;-diag-suppress=1675;-Xcompiler=${OpenMP_CXX_FLAGS}>")
endif()

# The host's instruction set and optimisation, for programs that run where they are built. Nothing
# here changes what NaN and infinity mean. clang contracts a * b + c only when asked to, as g++ does.
# A compiler for other machines knows no host.
set(host "")
if(NOT CMAKE_CROSSCOMPILING)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-march=native LAMINA_HAS_MARCH_NATIVE)
  set(host -mcpu=native)
  if(LAMINA_HAS_MARCH_NATIVE)
    set(host -march=native)
  endif()
endif()
set(LAMINA_ARCH "${host}" CACHE STRING "The flags of lamina::native that name an instruction set")
add_library(lamina_native INTERFACE)
add_library(lamina::native ALIAS lamina_native)
set_target_properties(lamina_native PROPERTIES EXPORT_NAME native)
target_compile_options(lamina_native INTERFACE
                       "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${LAMINA_ARCH}>>:-Xcompiler=${LAMINA_ARCH}>"
                       "$<$<NOT:$<COMPILE_LANGUAGE:CUDA>>:${LAMINA_ARCH};-ffp-contract=fast;-fno-math-errno>"
                       $<$<NOT:$<CONFIG:Debug>>:-O3>)
