// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <string>

#include "sim/core/text_buffer.h"
#include "sim/run/event_file.h"

namespace parallax {

/// Bytes into a file under its name plus ".part" until `close`, or into standard output ("-").
class ByteFile {
 public:
  static Result<ByteFile> open(const std::filesystem::path& file);
  ByteFile(ByteFile&& other) noexcept;
  ByteFile& operator=(ByteFile&&) = delete;
  ~ByteFile();

  Result<void> write(std::string_view bytes);
  Result<void> close();
  std::uint64_t bytes() const { return bytes_; }

 private:
  ByteFile(std::filesystem::path file, int descriptor) : file_(std::move(file)), at_(descriptor) {}
  std::filesystem::path file_;
  int at_;  ///< Descriptor; -1 when closed.
  std::uint64_t bytes_ = 0;
};

/// How a format of lines writes one event. Immutable: shared by all threads.
/// `write` writes one event with its line end into `room()` free bytes and returns its end.
template <class F>
concept LineFormat = requires(const F& format, const Emission& event, char* out) {
  { format.room() } -> std::same_as<std::size_t>;
  { format.write(event, out) } -> std::same_as<char*>;
};

/// An event file of lines.
template <LineFormat Format>
class LineFile final : public EventFile {
 public:
  LineFile(Format format, ByteFile file) : format_(std::move(format)), file_(std::move(file)) {}

  std::unique_ptr<EventBlock> make_block() const override {
    return std::make_unique<Block>(format_);
  }
  Result<void> write(const EventBlock& block) override {
    return file_.write(static_cast<const Block&>(block).lines.text());
  }
  Result<void> close() override { return file_.close(); }
  std::uint64_t bytes() const override { return file_.bytes(); }

 private:
  struct Block final : EventBlock {
    explicit Block(const Format& of) : format(&of), line_room(of.room()) {}
    void add(std::span<const Emission* const> added) override {
      char* out = lines.room(added.size() * line_room);
      for (const Emission* event : added) out = format->write(*event, out);
      lines.end_at(out);
      events += added.size();
    }
    void clear() override {
      lines.clear();
      events = 0;
    }
    const Format* format;
    std::size_t line_room;
    TextBuffer lines;
  };
  Format format_;
  ByteFile file_;
};

}  // namespace parallax
