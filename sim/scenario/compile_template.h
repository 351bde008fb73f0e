// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/core/event_template.h"
#include "sim/scenario/node.h"

namespace parallax {

/// Compiles {"template": .., "body": .., "content_type": ..}. `file`: where it is written, for
/// errors that show only when a tracking plan is known. What is wrong goes to `problems`, each with
/// its pointer and the nearest name; a template without ${event_id} is warned about.
EventTemplate compile_template(const Node& format, const std::string& file, Problems& problems);

}  // namespace parallax
