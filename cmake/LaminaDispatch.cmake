# SPDX-License-Identifier: MIT
# lamina_dispatch(<target> SOURCES <files> [ENTRY <function>]): compiles files of a program for each level of
# x86-64, and adds all of them and a choice: the program runs the code of the highest level that its processor has,
# or of the one that LAMINA_ISA in its environment names. ENTRY, `main` by default, is the function that the files
# are entered by, int (int, char**). The files see what <target> links. On other processors they are compiled once.

function(lamina_dispatch target)
  cmake_parse_arguments(dispatch "" "ENTRY" "SOURCES" ${ARGN})
  if(NOT dispatch_SOURCES OR dispatch_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lamina_dispatch(${target} ...) takes SOURCES and files, and got: ${ARGN}")
  endif()
  if(NOT dispatch_ENTRY)
    set(dispatch_ENTRY main)
  endif()
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" OR NOT CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
    target_sources(${target} PRIVATE ${dispatch_SOURCES})
    return()
  endif()

  # Not those that CMake knows, which are LLVM's beside clang: its linker cannot dissolve groups.
  find_program(LAMINA_LD NAMES ld.bfd)
  find_program(LAMINA_OBJCOPY NAMES objcopy)
  mark_as_advanced(LAMINA_LD LAMINA_OBJCOPY)
  if(NOT LAMINA_LD OR NOT LAMINA_OBJCOPY)
    message(FATAL_ERROR "lamina_dispatch needs GNU's ld.bfd and objcopy: install binutils.")
  endif()

  set(declarations "")
  set(variants "")
  foreach(level IN ITEMS x86-64 x86-64-v3 x86-64-v4)
    string(MAKE_C_IDENTIFIER "${dispatch_ENTRY}_${level}" entry)
    set(objects ${target}_${entry})
    add_library(${objects} OBJECT ${dispatch_SOURCES})
    set_target_properties(${objects} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
    target_link_libraries(${objects} PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
    target_include_directories(${objects} PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
    target_compile_definitions(${objects} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>
                               ${dispatch_ENTRY}=${entry})
    # Under its new name, main has to return something.
    target_compile_options(${objects} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_OPTIONS>
                           -march=${level} -ffp-contract=fast -fno-math-errno -Werror=return-type
                           $<$<NOT:$<CONFIG:Debug>>:-O3> $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)

    # The linker keeps one of the inline functions of one name, std::vector's for example, perhaps the one that
    # the processor cannot run: so nothing but the entry can be seen from outside.
    set(object "${CMAKE_CURRENT_BINARY_DIR}/${objects}.o")
    add_custom_command(
      OUTPUT "${object}"
      COMMAND ${LAMINA_LD} -r --force-group-allocation -o "${object}" $<TARGET_OBJECTS:${objects}>
      COMMAND ${LAMINA_OBJCOPY} --wildcard "--keep-global-symbol=_Z*${entry}iPPc" "${object}"
      DEPENDS ${objects} $<TARGET_OBJECTS:${objects}> COMMAND_EXPAND_LISTS VERBATIM)
    set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    target_sources(${target} PRIVATE "${object}")

    string(APPEND declarations "int ${entry}(int argc, char** argv);\n")
    string(APPEND variants "      {\"${level}\", __builtin_cpu_supports(\"${level}\") != 0, &${entry}},\n")
  endforeach()
  # Every x86-64 processor has the lowest level, for which not all compilers have a name.
  string(REPLACE "__builtin_cpu_supports(\"x86-64\") != 0" "true" variants "${variants}")

  set(choice "${CMAKE_CURRENT_BINARY_DIR}/${target}_${dispatch_ENTRY}_choice.cpp")
  configure_file("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/dispatch_choice.cpp.in" "${choice}" @ONLY)
  set_source_files_properties("${choice}" PROPERTIES COMPILE_OPTIONS -march=x86-64)
  target_sources(${target} PRIVATE "${choice}")
endfunction()
