# What `cmake --install` puts where, in four components that `--component` picks:
#   runtime      libsagips.so.X.Y
#   development  headers, libsagips.so, CMake package, pkg-config file
#   fortran      sagips.f90 for every compiler; archive and .mod for the compiler of this build
#   tool         the command `sagips`
# An installed tree may be moved: every path in it is relative to the file that states it.
include(CMakePackageConfigHelpers)
set(SAGIPS_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/sagips)
set(SAGIPS_PKGCONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(SAGIPS_FORTRAN_DIR ${CMAKE_INSTALL_DATADIR}/sagips/fortran)

# Sets `result` to the path of an installed folder as seen from the pkg-config files.
function(sagips_path_from_pkgconfig result folder)
  GNUInstallDirs_get_absolute_install_dir(from SAGIPS_PKGCONFIG_DIR LIBDIR)
  GNUInstallDirs_get_absolute_install_dir(to ${folder} DATADIR)
  file(RELATIVE_PATH path ${from} ${to})
  string(REGEX REPLACE "/$" "" path ${path})
  set(${result} ${path} PARENT_SCOPE)
endfunction()
sagips_path_from_pkgconfig(SAGIPS_PC_LIBDIR CMAKE_INSTALL_LIBDIR)
sagips_path_from_pkgconfig(SAGIPS_PC_INCLUDEDIR CMAKE_INSTALL_INCLUDEDIR)
sagips_path_from_pkgconfig(SAGIPS_PC_FORTRAN_DIR SAGIPS_FORTRAN_DIR)

install(TARGETS sagips EXPORT sagipsTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/include/sagips.h ${PROJECT_SOURCE_DIR}/include/sagips.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT sagipsTargets NAMESPACE sagips::
  DESTINATION ${SAGIPS_PACKAGE_DIR} COMPONENT development)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/sagipsConfig.cmake.in ${PROJECT_BINARY_DIR}/sagipsConfig.cmake
  INSTALL_DESTINATION ${SAGIPS_PACKAGE_DIR} PATH_VARS SAGIPS_FORTRAN_DIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/sagipsConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/sagipsConfig.cmake ${PROJECT_BINARY_DIR}/sagipsConfigVersion.cmake
  DESTINATION ${SAGIPS_PACKAGE_DIR} COMPONENT development)
configure_file(
  ${PROJECT_SOURCE_DIR}/cmake/sagips.pc.in ${PROJECT_BINARY_DIR}/sagips.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/sagips.pc
  DESTINATION ${SAGIPS_PKGCONFIG_DIR} COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/bindings/fortran/sagips.f90
  DESTINATION ${SAGIPS_FORTRAN_DIR} COMPONENT fortran)
if(SAGIPS_HAVE_FORTRAN)
  set(SAGIPS_MODULE_DIR
    ${CMAKE_INSTALL_LIBDIR}/sagips/${CMAKE_Fortran_COMPILER_ID}-${CMAKE_Fortran_COMPILER_VERSION})
  sagips_path_from_pkgconfig(SAGIPS_PC_MODULE_DIR SAGIPS_MODULE_DIR)
  install(TARGETS sagips_fortran
    ARCHIVE DESTINATION ${SAGIPS_MODULE_DIR} COMPONENT fortran)
  get_target_property(SAGIPS_BUILD_MODULE_DIR sagips_fortran Fortran_MODULE_DIRECTORY)
  install(FILES ${SAGIPS_BUILD_MODULE_DIR}/sagips.mod
    DESTINATION ${SAGIPS_MODULE_DIR} COMPONENT fortran)
  configure_file(
    ${PROJECT_SOURCE_DIR}/cmake/sagips-fortran.pc.in ${PROJECT_BINARY_DIR}/sagips-fortran.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/sagips-fortran.pc
    DESTINATION ${SAGIPS_PKGCONFIG_DIR} COMPONENT fortran)
endif()

if(TARGET sagips_tool)
  file(RELATIVE_PATH SAGIPS_TOOL_TO_LIB ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(sagips_tool PROPERTIES INSTALL_RPATH "$ORIGIN/${SAGIPS_TOOL_TO_LIB}")
  install(TARGETS sagips_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tool)
endif()
