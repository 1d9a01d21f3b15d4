#pragma once

#include "kurs/venue/poll_session.hpp"
#include "venues/coinbase/shared.hpp"

namespace kurs::coinbase {

/// `/products/{id}/book`, level 1, of the products whose price no stream has confirmed for 40 % of its age
/// limit, while values are needed. A cache makes the answer up to 2.4 s old, which its time tells.
std::unique_ptr<PollSession> make_book_poll(std::shared_ptr<Shared> shared);

/// `/products/{id}`, of each product every ten seconds: whether it is traded, and whether it is the pair of
/// the market map. The list of all products has 700 kB.
std::unique_ptr<PollSession> make_listing_poll(std::shared_ptr<Shared> shared);

}  // namespace kurs::coinbase
