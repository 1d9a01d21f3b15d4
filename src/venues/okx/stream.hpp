#pragma once

#include "kurs/venue/stream_session.hpp"
#include "venues/okx/shared.hpp"

namespace kurs::okx {

/// OKX's public WebSocket API, version 5: `bbo-tbt` and `books` of every symbol, and the changes of
/// `instruments`. Source: www.okx.com/docs-v5, and frames seen by its clients.
std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<Shared> shared);

/// Creates the sessions of a feed, for the symbols that are traded. A session ends when that set changes.
class Streams final : public StreamVenue {
public:
    explicit Streams(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    std::unique_ptr<StreamSession> make_session() override { return make_stream_session(shared_); }

private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace kurs::okx
