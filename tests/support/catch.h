// SPDX-License-Identifier: Apache-2.0
#pragma once
/// Catch2 whichever version the system has: Debian 12 ships v2, newer systems v3.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
