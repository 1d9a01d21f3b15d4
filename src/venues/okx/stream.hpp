#pragma once

#include "kurs/venue/stream_session.hpp"
#include "venues/okx/shared.hpp"

namespace kurs::okx {

/// OKX's public WebSocket API, version 5: `bbo-tbt` and `books` of every symbol, and the changes of
/// `instruments`. Source: www.okx.com/docs-v5, and frames seen by its clients.
std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<Shared> shared);

}  // namespace kurs::okx
