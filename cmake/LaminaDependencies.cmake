# SPDX-License-Identifier: MIT
# Finds each library that lamina uses: a target that the parent project already has, else the
# installed package, else a pinned version from its repository, else one sentence that says what to
# install. Fetched header-only libraries become imported targets here, without their own
# CMakeLists.txt: so they bring no options, tests or install rules along.

# The end of every search without a result.
function(lamina_report_missing package debian)
  message(FATAL_ERROR "lamina needs ${package}, which is neither installed nor can be fetched here: "
                      "install it (Debian, Ubuntu: apt install ${debian}).")
endfunction()

# Clones `tag` of `url` (once) and sets `result` to the folder, or to an empty string. Not by
# FetchContent, whose failed clone is a page of errors; its FETCHCONTENT_SOURCE_DIR_<PACKAGE>, which
# names a local copy, and FETCHCONTENT_FULLY_DISCONNECTED mean here what they mean there.
function(lamina_fetch package url tag result)
  string(TOUPPER ${package} upper)
  string(TOLOWER ${package} lower)
  set(folder "${CMAKE_BINARY_DIR}/_deps/${lower}-${tag}")
  if(FETCHCONTENT_SOURCE_DIR_${upper})
    set(folder "${FETCHCONTENT_SOURCE_DIR_${upper}}")
  elseif(NOT EXISTS "${folder}")
    find_package(Git QUIET)
    if(LAMINA_FETCH AND GIT_FOUND AND NOT FETCHCONTENT_FULLY_DISCONNECTED)
      message(STATUS "Fetching ${package} ${tag}")
      file(REMOVE_RECURSE "${folder}.part")
      execute_process(COMMAND ${CMAKE_COMMAND} -E env GIT_TERMINAL_PROMPT=0
                              ${GIT_EXECUTABLE} clone --depth 1 --branch ${tag} ${url} "${folder}.part"
                      TIMEOUT 600 RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
      if(NOT failed)
        file(RENAME "${folder}.part" "${folder}")
      endif()
    endif()
  endif()
  if(NOT EXISTS "${folder}")
    set(folder "")
  endif()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# lamina_find(<package> TARGET <target> DEBIAN <package name> [QUIET] [ARGS <find_package arguments>]
#             [URL <repository> TAG <tag> [INCLUDE <folder>] [LINK <targets>]])
# Makes sure that <target> exists, visible in the whole project. QUIET: or leaves it missing.
# Only header-only libraries have a URL. (A macro: what find_package sets is for the caller.)
macro(lamina_find package)
  cmake_parse_arguments(dependency "QUIET" "TARGET;DEBIAN;URL;TAG;INCLUDE" "ARGS;LINK" ${ARGN})
  if(NOT TARGET ${dependency_TARGET})
    find_package(${package} QUIET ${dependency_ARGS})
    if(TARGET ${dependency_TARGET})
      lamina_make_global(${dependency_TARGET})
    else()
      set(dependency_folder "")
      if(dependency_URL AND NOT dependency_QUIET)
        lamina_fetch(${package} ${dependency_URL} ${dependency_TAG} dependency_folder)
      endif()
      if(dependency_folder)
        add_library(${dependency_TARGET} INTERFACE IMPORTED GLOBAL)
        target_include_directories(${dependency_TARGET} INTERFACE
                                   "${dependency_folder}/${dependency_INCLUDE}")
        target_link_libraries(${dependency_TARGET} INTERFACE ${dependency_LINK})
        set_property(GLOBAL APPEND PROPERTY lamina_fetched ${package})
        set_property(GLOBAL PROPERTY lamina_fetched_${package} "${dependency_folder}")
      elseif(NOT dependency_QUIET)
        lamina_report_missing(${package} "${dependency_DEBIAN}")
      endif()
    endif()
  endif()
endmacro()

# find_package makes targets for this folder and those below; a parent project that links lamina
# must see them too, and what they link.
function(lamina_make_global target)
  get_target_property(imported ${target} IMPORTED)
  get_target_property(aliased ${target} ALIASED_TARGET)
  if(NOT imported OR aliased)
    return()
  endif()
  get_target_property(global ${target} IMPORTED_GLOBAL)
  if(NOT global)
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL ON)
  endif()
  get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
  foreach(link IN LISTS links)
    if(TARGET "${link}")
      lamina_make_global("${link}")
    endif()
  endforeach()
endfunction()

# ---- What lamina::lamina needs.
lamina_find(OpenMP TARGET OpenMP::OpenMP_CXX ARGS COMPONENTS CXX
            DEBIAN "g++, or libomp-19-dev for clang-19")
# xtl first: a fetched xtensor and an installed xsimd both name its target.
lamina_find(xtl TARGET xtl DEBIAN xtl-dev
            URL https://github.com/xtensor-stack/xtl.git TAG 0.8.2 INCLUDE include)
lamina_find(xtensor TARGET xtensor DEBIAN libxtensor-dev
            URL https://github.com/xtensor-stack/xtensor.git TAG 0.27.1 INCLUDE include LINK xtl)
lamina_find(xsimd TARGET xsimd DEBIAN libxsimd-dev
            URL https://github.com/xtensor-stack/xsimd.git TAG 14.3.0 INCLUDE include)
lamina_find(Random123 TARGET Random123::Random123 DEBIAN librandom123-dev
            URL https://github.com/DEShawResearch/random123.git TAG v1.14.0 INCLUDE include)

# ---- What the opt-in components need. lamina's own tests and examples use all of them.
set(lamina_components ${LAMINA_COMPONENTS})
if(LAMINA_BUILD_EXAMPLES OR (LAMINA_BUILD_TESTS AND NOT LAMINA_TEST_AREAS))
  set(lamina_components data io plot)
endif()
foreach(component IN ITEMS data io plot)
  set(quiet_${component} QUIET)
  if(component IN_LIST lamina_components)
    set(quiet_${component} "")
  endif()
endforeach()
lamina_find(ZLIB TARGET ZLIB::ZLIB DEBIAN zlib1g-dev ${quiet_data})
lamina_find(nlohmann_json TARGET nlohmann_json::nlohmann_json DEBIAN nlohmann-json3-dev ${quiet_io}
            URL https://github.com/nlohmann/json.git TAG v3.11.3 INCLUDE include)
lamina_find(PNG TARGET PNG::PNG DEBIAN libpng-dev ${quiet_plot})
lamina_find(Threads TARGET Threads::Threads DEBIAN libc6-dev ${quiet_plot})
lamina_find(CImg TARGET CImg::CImg DEBIAN cimg-dev ${quiet_plot}
            URL https://github.com/GreycLab/CImg.git TAG v.3.5.0 INCLUDE .)

# ---- What lamina::cuda needs.
if(LAMINA_CUDA)
  lamina_find(CUDAToolkit TARGET CUDA::cublasLt ARGS 13 DEBIAN "NVIDIA's cuda-toolkit-13-0")
  lamina_make_global(CUDA::cudart_static)
  lamina_find(cuDNN TARGET cuDNN::cuDNN ARGS 9 DEBIAN "NVIDIA's cudnn9-cuda-13")
  # For several GPUs; without it there is one. Before 2.22 its calls may wait for other ranks.
  lamina_find(NCCL TARGET NCCL::NCCL ARGS 2.22 QUIET)
endif()
