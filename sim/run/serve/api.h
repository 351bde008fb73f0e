// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "sim/run/listen.h"
#include "sim/run/serve/runs.h"

namespace parallax::serve {

/// The runs over HTTP, as openapi.json describes it. Pages of a browser are refused: it is for
/// tests, and a page of somebody else must not reach it.
class Api {
 public:
  /// Errors: as of `Runs::open`; the address cannot be listened on.
  static Result<std::unique_ptr<Api>> start(RunsOptions options, const ListenAddress& listen);
  ~Api();  ///< Waits for the requests under way: at most as long as the target may settle.

  std::string url() const;  ///< "http://127.0.0.1:8300"

 private:
  struct State;
  explicit Api(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The OpenAPI 3.1 description as JSON: openapi.json with the request bodies' schemas put in, which
/// are made from the table that also checks them.
std::string openapi_text();

/// openapi.json as it was at build time.
std::string_view embedded_serve_file(std::string_view name);

}  // namespace parallax::serve
