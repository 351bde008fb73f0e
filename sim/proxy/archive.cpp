// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/archive.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <utility>

#include "sim/core/crc32c.h"
#include "sim/proxy/append_file.h"
#include "sim/proxy/http_head.h"

namespace parallax::proxy {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr std::string_view magic = "PLXREQS1";
constexpr std::size_t frame_size = 8, fixed_size = 12;
constexpr std::uint32_t record_max = 1U << 30U;

template <class T>
void append(T value, std::string& out) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), &value, sizeof(T));
  out.append(bytes.data(), bytes.size());
}
template <class T>
T read_at(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

Error damaged(const std::filesystem::path& file) {
  return {Error::Kind::io, "is no store of requests, or is damaged", file.string()};
}

}  // namespace

Archive::Archive(Archive&& other) noexcept { *this = std::move(other); }
Archive& Archive::operator=(Archive&& other) noexcept {
  std::swap(file_, other.file_);
  bytes_ = other.bytes_;
  bytes_max_ = other.bytes_max_;
  failed_ = other.failed_;
  return *this;
}
Archive::~Archive() {
  if (file_ >= 0) ::close(file_);
}

Result<Archive> Archive::create(const std::filesystem::path& file, std::uint64_t bytes_max) {
  const Result<int> made = create_private(file);
  if (!made) return made.error();
  Archive archive(*made, bytes_max);
  if (!append_all(*made, magic)) return Error{Error::Kind::io, "cannot be written", file.string()};
  return archive;
}

Result<void> Archive::store(const StoredRequest& request) {
  const std::string head = with_lines(request.head, {"cookie"}, {});
  std::string record;
  append(request.at.since_epoch, record);
  append(static_cast<std::uint32_t>(head.size()), record);
  record.append(head).append(request.body);
  std::string frame;
  append(static_cast<std::uint32_t>(record.size()), frame);
  append(crc32c(record), frame);
  frame += record;
  failed_ = failed_ || !append_all(file_, frame);
  bytes_ += frame.size();
  if (failed_) return Error{Error::Kind::io, "the store of requests cannot be written", {}};
  return {};
}

Result<void> scan_archive(const std::filesystem::path& file,
                          const std::function<bool(const StoredRequest&)>& take) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes(magic.size(), '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || bytes != magic)
    return damaged(file);
  while (true) {
    bytes.resize(frame_size);
    if (!in.read(bytes.data(), frame_size)) return {};
    const auto size = read_at<std::uint32_t>(bytes, 0), sum = read_at<std::uint32_t>(bytes, 4);
    if (size < fixed_size || size > record_max) return damaged(file);
    bytes.resize(size);
    if (!in.read(bytes.data(), size)) return {};
    const auto head = read_at<std::uint32_t>(bytes, 8);
    if (crc32c(bytes) != sum || head > size - fixed_size) return damaged(file);
    const std::string_view rest = std::string_view(bytes).substr(fixed_size);
    if (!take({SimTime{read_at<std::int64_t>(bytes, 0)}, rest.substr(0, head), rest.substr(head)}))
      return {};
  }
}

}  // namespace parallax::proxy
