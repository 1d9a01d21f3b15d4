#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kurs/board/board.hpp"
#include "kurs/http/answer.hpp"
#include "kurs/http/contract_v1.hpp"

namespace kurs::http {

/// An answer about courses, with its 304.
struct CoursesAnswer {
    Answer answer;        ///< 200 or 503
    Answer not_modified;  ///< if the answer is 200
    std::string etag;     ///< if the answer is 200
};

/// Renders the answer to a query at most once a change of the board, or once a quote went stale. Bounded.
class CoursesCache {
public:
    /// Told of each request that names its exchanger.
    using PinnedWatch = std::function<void(VenueId, TimePoint)>;

    /// Both must outlive the cache.
    CoursesCache(const Board& board, const AnswerWriter& writer, PinnedWatch on_pinned);

    /// Fails with the sentence of a 400. The answer is valid until the next call.
    Parsed<const CoursesAnswer*> find(std::string_view raw_query, TimePoint now);

    /// How many answers were rendered so far.
    std::size_t renders() const { return renders_; }

private:
    struct Entry {
        CoursesAnswer courses;
        std::uint64_t revision = 0;
        TimePoint valid_until = TimePoint::min();
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Queries = std::map<CoursesQuery, Entry>;

    Parsed<Queries::iterator> look_up(std::string_view raw_query);
    void refresh(const CoursesQuery& query, Entry& entry, TimePoint now);

    const Board& board_;
    const AnswerWriter& writer_;
    PinnedWatch on_pinned_;
    Queries queries_;
    /// The spellings of queries that were seen, to spare their parsing.
    std::unordered_map<std::string, Queries::iterator, TextHash, std::equal_to<>> spellings_;
    std::size_t renders_ = 0;
};

}  // namespace kurs::http
