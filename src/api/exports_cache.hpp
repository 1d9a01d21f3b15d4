#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "api/tagged_response.hpp"
#include "kurs/board/board.hpp"
#include "kurs/exports/reserves.hpp"

namespace kurs::api {

/// Renders each export at most once per change of the board or of the reserves, and when its first quote or
/// reserve becomes stale. Exports with opening hours are rendered once a minute too.
class ExportsCache {
public:
    /// All must outlive the cache.
    ExportsCache(const Board& board, const exports::ReserveBook& reserves, const ResponseWriter& writer)
        : board_(board), reserves_(reserves), writer_(writer) {}

    /// The response, valid until the next call. `asked` must outlive the cache.
    ResponseView find(const exports::Export& asked, std::string_view if_none_match, TimePoint now);

    /// The number of documents rendered so far.
    std::size_t renders() const { return renders_; }

private:
    struct Entry {
        TaggedResponse response;
        std::uint64_t revision = 0;  ///< of the board
        std::uint64_t reserves_revision = 0;
        TimePoint valid_until = TimePoint::min();
    };

    void refresh(const exports::Export& asked, Entry& entry, TimePoint now);

    const Board& board_;
    const exports::ReserveBook& reserves_;
    const ResponseWriter& writer_;
    std::map<const exports::Export*, Entry> entries_;
    std::size_t renders_ = 0;
};

}  // namespace kurs::api
