#pragma once

#include "kurs/venue/poll_session.hpp"
#include "venues/okx/shared.hpp"

namespace kurs::okx {

/// `market/books` of every symbol whose price no stream has confirmed for 40 % of its age limit, each second.
/// The answer confirms an equal price of the streams, and bridges them where they do not deliver.
std::unique_ptr<PollSession> make_book_poll(std::shared_ptr<Shared> shared);

/// `public/instruments`, every minute: which symbols are traded, and whether they are the pairs of the market
/// map. More often while the stream contradicts an objection.
std::unique_ptr<PollSession> make_listing_poll(std::shared_ptr<Shared> shared);

}  // namespace kurs::okx
