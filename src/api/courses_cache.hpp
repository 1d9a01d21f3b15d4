#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/contract_v1.hpp"
#include "api/tagged_response.hpp"
#include "kurs/api/sources.hpp"

namespace kurs::api {

/// Renders the response to a query at most once per change of the board or expiry of a quote. Bounded.
class CoursesCache {
public:
    /// Both must outlive the cache.
    CoursesCache(const Board& board, const ResponseWriter& writer, RequestedWatch on_requested);

    /// Fails with the detail of a 400. The response is valid until the next call.
    Parsed<const TaggedResponse*> find(std::string_view raw_query, TimePoint now);

    /// The number of responses rendered so far.
    std::size_t renders() const { return renders_; }

private:
    struct Entry {
        TaggedResponse response;  ///< 200 or 503
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
    const ResponseWriter& writer_;
    RequestedWatch on_requested_;
    Queries queries_;
    /// Parsed queries by spelling, to avoid parsing them again.
    std::unordered_map<std::string, Queries::iterator, TextHash, std::equal_to<>> spellings_;
    std::size_t renders_ = 0;
};

}  // namespace kurs::api
