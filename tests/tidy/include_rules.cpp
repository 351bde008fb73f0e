// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "tests/tidy/rules.h"
#include "tests/tidy/tokens.h"

namespace parallax::tidy {
namespace {

/// A row of DESIGN section 3. Every folder may include itself; "*" is all of them.
struct Row {
  std::string_view folder;
  std::string_view may_include;
};
constexpr std::array table{
    Row{"sim/core", ""},
    Row{"sim/scenario", "sim/core"},
    Row{"sim/journey", "sim/core sim/scenario"},
    Row{"sim/sdk", "sim/core sim/scenario"},
    Row{"sim/wire", "sim/core"},
    Row{"sim/drive", "sim/core sim/wire"},
    Row{"sim/pipeline", "sim/core sim/wire"},
    Row{"sim/read", "sim/core"},
    Row{"sim/proxy", "sim/core sim/scenario sim/wire sim/drive fault"},
    Row{"fault", "sim/core sim/scenario"},
    Row{"assertions", "sim/core sim/scenario"},
    Row{"sim/run",
        "sim/core sim/scenario sim/journey sim/sdk sim/wire sim/drive sim/pipeline sim/read "
        "sim/proxy fault assertions"},
    Row{"bench", "*"},
    Row{"tests", "*"},
};

/// A library (or a part of the standard one with a price) and the folders that may see it. The
/// first row whose `header` begins the include decides; "*" is every folder.
constexpr std::array libraries{
    Row{"boost/asio", "sim/drive sim/proxy sim/run tests bench"},
    Row{"boost/beast", "sim/drive sim/run tests bench"},
    Row{"boost/math", "assertions tests"},
    Row{"httplib.h", "sim/pipeline sim/read sim/run tests bench"},
    Row{"nlohmann/", "sim/scenario sim/pipeline sim/run tests bench"},
    Row{"simdjson.h", "sim/wire sim/pipeline sim/read tests bench"},
    Row{"CLI/", "sim/run"},
    Row{"fmt/", "*"},
    Row{"duckdb.h", "sim/core"},
    Row{"libpq-fe.h", "sim/core"},
    Row{"librdkafka/", "sim/core tests"},
    Row{"zlib.h", "sim/drive sim/wire sim/read tests"},
    Row{"zstd.h", "sim/core sim/drive sim/pipeline tests"},
    Row{"openssl/", "sim/drive tests"},
    Row{"catch2/", "tests"},
    Row{"benchmark/", "bench"},
    Row{"malloc.h", "sim/run"},
    Row{"random", ""},
    Row{"thread", "sim/drive sim/pipeline sim/read sim/run tests bench"},
    Row{"mutex", "sim/drive sim/pipeline sim/read sim/run tests bench"},
    Row{"shared_mutex", "sim/drive sim/pipeline sim/run tests bench"},
    Row{"condition_variable", "sim/drive sim/pipeline sim/read sim/run tests bench"},
    Row{"future", "sim/drive sim/proxy sim/pipeline sim/run tests bench"},
};

constexpr std::string_view system_folders = "arpa linux net netinet sys";
constexpr std::string_view system_headers =
    "dirent.h errno.h fcntl.h netdb.h poll.h pthread.h signal.h spawn.h stdlib.h termios.h time.h "
    "unistd.h";

/// Whether `word` is one of the words of `list`, which spaces part.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

const Row* row_of(std::string_view folder) {
  const auto* const row =
      std::find_if(table.begin(), table.end(), [&](const Row& r) { return r.folder == folder; });
  return row == table.end() ? nullptr : row;
}

/// "thread" is a whole name, "boost/asio" begins one: <boost/asio.hpp>, <boost/asio/post.hpp>.
const Row* library_of(std::string_view header) {
  const auto* const row = std::find_if(libraries.begin(), libraries.end(), [&](const Row& r) {
    const bool part = r.folder.find('/') != std::string_view::npos;
    return part ? header.starts_with(r.folder) : header == r.folder;
  });
  return row == libraries.end() ? nullptr : row;
}

bool is_of_the_system(std::string_view header) {
  const std::size_t slash = header.find('/');
  if (slash != std::string_view::npos) return lists(system_folders, header.substr(0, slash));
  return header.find('.') == std::string_view::npos || lists(system_headers, header);
}

}  // namespace

std::string_view folder_of(std::string_view path) {
  for (const Row& row : table) {
    const bool inside = path.starts_with(row.folder) && path.size() > row.folder.size() &&
                        path[row.folder.size()] == '/';
    if (inside) return row.folder;
  }
  return {};
}

void check_own_includes(const SourceFile& file, Findings& out) {
  const Row* const row = row_of(folder_of(file.path));
  if (row == nullptr || !is_cpp(file.path)) return;
  for (const Include& include : includes_of(file.text)) {
    if (!include.quoted) continue;
    const std::string_view folder = folder_of(include.path);
    const std::string name(include.path);
    if (folder.empty()) {
      out.push_back({file.path, include.line, "\"" + name + "\" is not written from the root"});
    } else if (folder != row->folder && row->may_include != "*" &&
               !lists(row->may_include, folder)) {
      out.push_back({file.path, include.line,
                     std::string(row->folder) + " may not include " + std::string(folder) +
                         " (DESIGN section 3): \"" + name + "\""});
    }
  }
}

void check_other_includes(const SourceFile& file, Findings& out) {
  const std::string_view folder = folder_of(file.path);
  if (folder.empty() || !is_cpp(file.path)) return;
  for (const Include& include : includes_of(file.text)) {
    if (include.quoted) continue;
    const Row* const library = library_of(include.path);
    const std::string name = "<" + std::string(include.path) + ">";
    if (library == nullptr && !is_of_the_system(include.path)) {
      out.push_back({file.path, include.line,
                     name + " is in no row of the libraries (tests/tidy/include_rules.cpp)"});
    } else if (library != nullptr && library->may_include != "*" &&
               !lists(library->may_include, folder)) {
      out.push_back({file.path, include.line, std::string(folder) + " may not see " + name});
    }
  }
}

}  // namespace parallax::tidy
