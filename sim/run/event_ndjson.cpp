// SPDX-License-Identifier: Apache-2.0
// NDJSON: a wire format's event a line.
#include <utility>

#include "sim/run/line_file.h"
#include "sim/wire/format.h"

namespace parallax {
namespace {

struct WireLines {
  std::unique_ptr<WireFormat> format;
  std::size_t room() const { return format->event_room() + 1; }
  char* write(const Emission& event, char* out) const {
    out = format->write_event(event, out);
    *out = '\n';
    return out + 1;
  }
};

}  // namespace

Result<std::unique_ptr<EventFile>> make_ndjson_file(const EventFileOptions& options,
                                                    const TrackingPlan& plan) {
  Result<std::unique_ptr<WireFormat>> format = make_wire_format(options.wire, plan, options.run_id);
  if (!format) return format.error();
  Result<ByteFile> file = ByteFile::open(options.file);
  if (!file) return file.error();
  return std::unique_ptr<EventFile>(
      std::make_unique<LineFile<WireLines>>(WireLines{std::move(*format)}, std::move(*file)));
}

}  // namespace parallax
