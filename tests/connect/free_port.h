// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace parallax::test {

/// A port of 127.0.0.1 that nobody listens on, for a server that has to be told one.
int free_port();

}  // namespace parallax::test
