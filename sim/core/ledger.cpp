// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "sim/core/crc32c.h"
#include "sim/core/ledger_codec.h"

namespace parallax {
namespace {

Error io_error(int code, const std::string& doing, const std::filesystem::path& file) {
  return {Error::Kind::io, doing + ": " + std::generic_category().message(code), file.string()};
}

/// Hands over all bytes; 0 or the errno of what went wrong.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void put_u32(std::uint32_t value, char* out) { std::memcpy(out, &value, sizeof value); }

}  // namespace

std::string_view name_of(Strike s) {
  switch (s) {
    case Strike::none:
      return "none";
    case Strike::before_send:
      return "before_send";
    case Strike::during_body:
      return "during_body";
    case Strike::after_commit:
      return "after_commit";
    case Strike::answered:
      return "answered";
  }
  assert(false);
  return {};
}

std::string_view name_of(Receipt r) {
  switch (r) {
    case Receipt::accepted:
      return "accepted";
    case Receipt::rejected:
      return "rejected";
    case Receipt::unknown:
      return "unknown";
  }
  assert(false);
  return {};
}

std::string_view name_of(AbandonRecord::Why w) {
  switch (w) {
    case AbandonRecord::Why::overflow:
      return "overflow";
    case AbandonRecord::Why::exhausted:
      return "exhausted";
    case AbandonRecord::Why::refused:
      return "refused";
    case AbandonRecord::Why::unload:
      return "unload";
    case AbandonRecord::Why::unsent:
      return "unsent";
    case AbandonRecord::Why::limited:
      return "limited";
    case AbandonRecord::Why::opted_out:
      return "opted_out";
    case AbandonRecord::Why::misread:
      return "misread";
    case AbandonRecord::Why::unvisited:
      return "unvisited";
    case AbandonRecord::Why::lost:
      return "lost";
  }
  assert(false);
  return {};
}

/// The open file with what is kept for the next write: at first the file's header, then the open
/// block: room for its header, and its payload. A full block is handed over at once, so that there
/// is always room for one more record.
struct Journal::File {
  std::filesystem::path path;
  int descriptor = -1;
  ledger_codec::Packer packer;
  std::unique_ptr<char[]> pending;
  char* block;  ///< Where the open block begins.
  char* end;    ///< Of its payload.
  std::optional<Error> failure;

  File(std::filesystem::path file, int open_descriptor)
      : path(std::move(file)),
        descriptor(open_descriptor),
        pending(new char[ledger_codec::file_header_size + ledger_codec::block_header_size +
                         ledger_codec::block_size + ledger_codec::record_size_max]) {
    const std::string header = ledger_codec::file_header();
    begin_block(std::copy(header.begin(), header.end(), pending.get()));
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor < 0) return;
    hand_over();
    ::close(descriptor);
  }

  void begin_block(char* at) {
    block = at;
    end = at + ledger_codec::block_header_size;
  }
  std::size_t payload() const {
    return static_cast<std::size_t>(end - block) - ledger_codec::block_header_size;
  }

  void end_block() {
    const char* const bytes = block + ledger_codec::block_header_size;
    put_u32(static_cast<std::uint32_t>(payload()), block);
    put_u32(crc32c({bytes, payload()}), block + 4);
  }

  /// Everything kept, in one write. The open block, when empty, is no block.
  void hand_over() {
    if (payload() > 0) {
      end_block();
    } else {
      end = block;
    }
    const std::string_view bytes(pending.get(), static_cast<std::size_t>(end - pending.get()));
    const int code = failure ? 0 : write_all(descriptor, bytes);
    if (code != 0) failure = io_error(code, "cannot write the ledger", path);
    begin_block(pending.get());
  }

  template <class Record>
  void append(const Record& record) {
    assert(descriptor >= 0);
    if (failure) return;
    end = packer.pack(record, end);
    if (payload() >= ledger_codec::block_size) hand_over();
  }
};

Journal::Journal(std::unique_ptr<File> file) : file_(std::move(file)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<Journal> Journal::create(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return io_error(errno, "cannot create the ledger", file);
  return Journal(std::make_unique<File>(file, descriptor));
}

void Journal::append(const Action& record) { file_->append(record); }
void Journal::append(const EmissionRecord& record) { file_->append(record); }
void Journal::append(const AttemptRecord& record) { file_->append(record); }
void Journal::append(const DeliveryRecord& record) { file_->append(record); }
void Journal::append(const ReceiptRecord& record) { file_->append(record); }
void Journal::append(const AbandonRecord& record) { file_->append(record); }

Result<void> Journal::flush() {
  assert(file_ && file_->descriptor >= 0);
  file_->hand_over();
  if (file_->failure) return *file_->failure;
  return {};
}

Result<void> Journal::close() {
  Result<void> flushed = flush();
  const int code = ::close(std::exchange(file_->descriptor, -1)) == 0 ? 0 : errno;
  if (!flushed) return flushed;
  if (code != 0) return io_error(code, "cannot close the ledger", file_->path);
  return {};
}

}  // namespace parallax
