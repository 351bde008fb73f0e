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

# Libraries that come along lie in a folder of our own, where no other program finds them. RPATH, not
# RUNPATH: it holds for the libraries' libraries too (those of the archive, see package.cmake).
set(parallax_private ${CMAKE_INSTALL_LIBDIR}/parallax)
install(TARGETS parallax RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
set_target_properties(parallax PROPERTIES INSTALL_RPATH "$ORIGIN/../${parallax_private}")
target_link_options(parallax PRIVATE -Wl,--disable-new-dtags)

# The man page and the completions are the program's own words.
set(parallax_words ${PROJECT_BINARY_DIR}/words)
file(MAKE_DIRECTORY ${parallax_words})
add_custom_command(TARGET parallax POST_BUILD
  COMMAND $<TARGET_FILE:parallax> man > ${parallax_words}/parallax.1
  COMMAND $<TARGET_FILE:parallax> completion bash > ${parallax_words}/parallax
  COMMAND $<TARGET_FILE:parallax> completion zsh > ${parallax_words}/_parallax
  COMMAND $<TARGET_FILE:parallax> completion fish > ${parallax_words}/parallax.fish)
install(FILES ${parallax_words}/parallax.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT runtime)
install(FILES ${parallax_words}/parallax
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
install(FILES ${parallax_words}/_parallax
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT runtime)
install(FILES ${parallax_words}/parallax.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT runtime)

install(TARGETS parallax_all parallax_core parallax_scenario parallax_journey parallax_sdk
        parallax_wire parallax_drive parallax_pipeline parallax_read parallax_proxy parallax_fault
        parallax_assertions parallax_run parallax_duckdb
        EXPORT parallaxTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT parallaxTargets NAMESPACE parallax:: DESTINATION ${parallax_package}
        COMPONENT development)
foreach(folder sim fault assertions)
  install(DIRECTORY ${folder} DESTINATION ${parallax_headers} COMPONENT development
          FILES_MATCHING PATTERN "*.h")
endforeach()

# DuckDB goes along: sim/core/duckdb.h includes its header, and the program finds the library by its
# own path. A system's library is a chain of links, and all of them are copied.
install(FILES ${DUCKDB_INCLUDE}/duckdb.h DESTINATION ${parallax_headers} COMPONENT development)
install(CODE "file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${parallax_private}\"
  TYPE SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN FILES \"${DUCKDB_LIBRARY}\")" COMPONENT runtime)

configure_package_config_file(sim/cmake/parallaxConfig.cmake.in
  ${PROJECT_BINARY_DIR}/parallaxConfig.cmake INSTALL_DESTINATION ${parallax_package}
  PATH_VARS parallax_headers parallax_private)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/parallaxConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/parallaxConfig.cmake
        ${PROJECT_BINARY_DIR}/parallaxConfigVersion.cmake DESTINATION ${parallax_package}
        COMPONENT development)

install(DIRECTORY scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/parallax COMPONENT runtime)
install(FILES sim/run/report.schema.json sim/run/diff.schema.json
        DESTINATION ${CMAKE_INSTALL_DATADIR}/parallax COMPONENT runtime)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
include(sim/cmake/package.cmake)
