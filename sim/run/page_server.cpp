// SPDX-License-Identifier: Apache-2.0
#include "sim/run/page_server.h"

#include <array>
#include <fstream>
#include <iterator>

#include "sim/run/loopback_server.h"

namespace parallax {
namespace {

struct Served {
  const char* path;
  const char* file;
  const char* type;
};
constexpr std::array served{
    Served{"/", "report.html", "text/html; charset=utf-8"},
    Served{"/report.html", "report.html", "text/html; charset=utf-8"},
    Served{"/report.json", "report.json", "application/json"},
    Served{"/summary.md", "summary.md", "text/markdown; charset=utf-8"},
    Served{"/junit.xml", "junit.xml", "application/xml"},
};

void answer(const std::filesystem::path& file, const char* type, httplib::Response& response) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    response.status = 404;
    return;
  }
  response.set_content(std::string(std::istreambuf_iterator<char>(in), {}), type);
  response.set_header("Cache-Control", "no-store");
}

}  // namespace

struct PageServer::State {
  LoopbackServer loopback;
};

PageServer::PageServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

PageServer::~PageServer() = default;

Result<std::unique_ptr<PageServer>> PageServer::start(const std::filesystem::path& folder,
                                                      std::uint16_t port) {
  auto state = std::make_unique<State>();
  for (const Served& one : served)
    state->loopback.server().Get(
        one.path, [file = folder / one.file, type = one.type](const httplib::Request&,
                                                              httplib::Response& response) {
          answer(file, type, response);
        });
  if (const Result<void> started = state->loopback.start(port); !started) return started.error();
  return std::unique_ptr<PageServer>(new PageServer(std::move(state)));
}

std::string PageServer::url() const { return state_->loopback.url(); }

}  // namespace parallax
