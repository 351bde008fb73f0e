# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: the program, and the libraries and headers with which a program of one's own
# adds a fault or an assertion: find_package(parallax), then parallax::parallax or a part of it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(parallax_headers ${CMAKE_INSTALL_INCLUDEDIR}/parallax)
set(parallax_package ${CMAKE_INSTALL_LIBDIR}/cmake/parallax)

# parallax::parallax: all of it.
add_library(parallax_all INTERFACE)
set_target_properties(parallax_all PROPERTIES EXPORT_NAME parallax)
target_link_libraries(parallax_all INTERFACE parallax_run)
target_compile_features(parallax_core INTERFACE cxx_std_20)  # what the headers are written in

install(TARGETS parallax RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
set_target_properties(parallax PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

install(TARGETS parallax_all parallax_core parallax_scenario parallax_journey parallax_sdk
        parallax_wire parallax_drive parallax_pipeline parallax_read parallax_fault
        parallax_assertions parallax_run parallax_duckdb
        EXPORT parallaxTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT parallaxTargets NAMESPACE parallax:: DESTINATION ${parallax_package})
foreach(folder sim fault assertions)
  install(DIRECTORY ${folder} DESTINATION ${parallax_headers} FILES_MATCHING PATTERN "*.h")
endforeach()

# DuckDB goes along: sim/core/duckdb.h includes its header, and the program finds the library by its
# own path. A system's library is a chain of links, and all of them are copied.
install(FILES ${DUCKDB_INCLUDE}/duckdb.h DESTINATION ${parallax_headers})
install(CODE "file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}\"
  TYPE SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN FILES \"${DUCKDB_LIBRARY}\")")

configure_package_config_file(sim/cmake/parallaxConfig.cmake.in
  ${PROJECT_BINARY_DIR}/parallaxConfig.cmake INSTALL_DESTINATION ${parallax_package}
  PATH_VARS parallax_headers CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/parallaxConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/parallaxConfig.cmake
        ${PROJECT_BINARY_DIR}/parallaxConfigVersion.cmake DESTINATION ${parallax_package})

install(DIRECTORY scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/parallax)
install(FILES sim/run/report.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/parallax)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
