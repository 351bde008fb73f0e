# SPDX-License-Identifier: Apache-2.0
# The libraries Parallax stands on, each as an imported (so SYSTEM) target. All but DuckDB come from
# Debian packages; `./parallax` installs them. A missing one says which package brings it.
function(parallax_need found package what)
  if(NOT ${found})
    message(FATAL_ERROR "${what} is missing: install ${package} (./parallax does it for you)")
  endif()
endfunction()

find_package(Threads REQUIRED)
find_package(ZLIB QUIET)
parallax_need(ZLIB_FOUND zlib1g-dev zlib)
find_package(OpenSSL QUIET)
parallax_need(OPENSSL_FOUND libssl-dev OpenSSL)
find_package(Boost 1.74 QUIET)
parallax_need(Boost_FOUND libboost1.81-dev "Boost (Asio, Beast, Math, UUID)")
find_package(nlohmann_json 3.9 QUIET)
parallax_need(nlohmann_json_FOUND nlohmann-json3-dev nlohmann_json)
find_package(simdjson QUIET)
parallax_need(simdjson_FOUND libsimdjson-dev simdjson)
find_package(CLI11 QUIET)
parallax_need(CLI11_FOUND libcli11-dev CLI11)
find_package(fmt QUIET)
parallax_need(fmt_FOUND libfmt-dev fmt)
# Debian's cpp-httplib has a pkg-config file but no CMake one.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HTTPLIB QUIET IMPORTED_TARGET cpp-httplib)
parallax_need(HTTPLIB_FOUND libcpp-httplib-dev cpp-httplib)

# PostgreSQL's client library is optional: targets and readers of kind postgres need it.
find_package(PostgreSQL QUIET)
if(NOT PostgreSQL_FOUND)
  message(STATUS "Without PostgreSQL targets: libpq-dev is not installed")
endif()

# The same for targets and readers of kind kafka. 1.9 is the first that lets us resolve hosts.
pkg_check_modules(RDKAFKA QUIET IMPORTED_TARGET rdkafka>=1.9)
if(NOT RDKAFKA_FOUND)
  message(STATUS "Without Kafka targets: librdkafka-dev is not installed")
endif()

# DuckDB's C API: DUCKDB_ROOT, an installed one, or what `./parallax` unpacked from npm below
# build/duckdb. Header duckdb.h and library libduckdb.so.
set(DUCKDB_ROOT "$ENV{DUCKDB_ROOT}" CACHE PATH "Folder with duckdb.h and libduckdb.so")
find_path(DUCKDB_INCLUDE duckdb.h
          HINTS ${DUCKDB_ROOT} ${DUCKDB_ROOT}/include ${PROJECT_SOURCE_DIR}/build/duckdb)
find_library(DUCKDB_LIBRARY duckdb
             HINTS ${DUCKDB_ROOT} ${DUCKDB_ROOT}/lib ${PROJECT_SOURCE_DIR}/build/duckdb)
if(NOT DUCKDB_INCLUDE OR NOT DUCKDB_LIBRARY)
  message(FATAL_ERROR "DuckDB's C library is missing: run ./parallax once (it fetches it from npm), "
                      "or set DUCKDB_ROOT to a folder with duckdb.h and libduckdb.so")
endif()
add_library(parallax_duckdb INTERFACE)
set_target_properties(parallax_duckdb PROPERTIES EXPORT_NAME duckdb)
target_include_directories(parallax_duckdb SYSTEM INTERFACE $<BUILD_INTERFACE:${DUCKDB_INCLUDE}>)
target_link_libraries(parallax_duckdb INTERFACE $<BUILD_INTERFACE:${DUCKDB_LIBRARY}>
                      $<INSTALL_INTERFACE:parallax::duckdb_runtime>)
