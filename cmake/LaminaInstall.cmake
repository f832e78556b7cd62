# SPDX-License-Identifier: MIT
# Headers, the CMake package (one export file a component, so that find_package looks only for what
# is asked for) and the pkg-config file. Nothing depends on the architecture: all goes to share/.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/lamina")
install(DIRECTORY include/lamina DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/lamina")

install(TARGETS lamina lamina_native EXPORT lamina)
install(EXPORT lamina NAMESPACE lamina:: DESTINATION "${package_dir}" FILE laminaTargets.cmake)
foreach(component IN ITEMS data io plot cuda)
  if(TARGET lamina_${component})
    install(TARGETS lamina_${component} EXPORT lamina_${component})
    install(EXPORT lamina_${component} NAMESPACE lamina:: DESTINATION "${package_dir}"
            FILE lamina_${component}.cmake)
  endif()
endforeach()

configure_package_config_file(cmake/laminaConfig.cmake.in laminaConfig.cmake
                              INSTALL_DESTINATION "${package_dir}"
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(laminaConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/laminaConfig.cmake"
              "${PROJECT_BINARY_DIR}/laminaConfigVersion.cmake"
              cmake/FindRandom123.cmake cmake/FindCImg.cmake cmake/FindcuDNN.cmake
              cmake/FindNCCL.cmake
              cmake/LaminaDispatch.cmake cmake/dispatch_choice.cpp.in
        DESTINATION "${package_dir}")

# From share/pkgconfig to the prefix, wherever that is moved to.
file(RELATIVE_PATH prefix_from_pc "/prefix/${CMAKE_INSTALL_DATADIR}/pkgconfig" "/prefix")
configure_file(cmake/lamina.pc.in lamina.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/lamina.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
