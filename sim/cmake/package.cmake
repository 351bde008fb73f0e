# SPDX-License-Identifier: Apache-2.0
# `cpack` in a build folder makes parallax_VERSION_ARCH.deb and parallax-VERSION-SYSTEM.tar.gz: the
# program with DuckDB's library, scenarios, man page and completions, without what only building
# against it needs. The .deb depends on the system's packages; the archive brings every library but
# glibc's along, for systems that have none of them. `.ci/package` makes both and tries them in empty
# roots.
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_CONTACT "Parallax <parallax@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGE_FILE_NAME
    "parallax-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME parallax)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/private_libraries)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/sim/cmake/package_parts.cmake)
# dpkg-shlibdeps has to find what the package itself brings.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/private_libraries)
file(CREATE_LINK ${DUCKDB_LIBRARY} ${PROJECT_BINARY_DIR}/private_libraries/libduckdb.so SYMBOLIC)

# The libraries of the archive. glibc belongs to the system: nothing else starts its loader.
install(CODE "
  file(GET_RUNTIME_DEPENDENCIES EXECUTABLES \"$<TARGET_FILE:parallax>\"
    RESOLVED_DEPENDENCIES_VAR libraries UNRESOLVED_DEPENDENCIES_VAR missing
    PRE_EXCLUDE_REGEXES \"^(ld-linux|libc|libm|libdl|libpthread|librt|libresolv)[-.]\" duckdb)
  if(missing)
    message(FATAL_ERROR \"not found: \${missing}\")
  endif()
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${parallax_private}\"
    TYPE SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN FILES \${libraries})"
  COMPONENT archive EXCLUDE_FROM_ALL)
include(CPack)
