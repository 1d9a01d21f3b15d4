#include "api/courses_cache.hpp"

namespace kurs::api {
namespace {

constexpr std::size_t most_queries = 256;
constexpr std::size_t most_spellings = 1024;
constexpr std::size_t longest_spelling = 512;

}  // namespace

CoursesCache::CoursesCache(const Board& board, const ResponseWriter& writer, RequestedWatch on_requested)
    : board_(board), writer_(writer), on_requested_(std::move(on_requested)) {}

Parsed<const TaggedResponse*> CoursesCache::find(std::string_view raw_query, TimePoint now) {
    const auto found = look_up(raw_query);
    if (!found) return found.error();
    auto& [query, entry] = **found;
    if (query.venue) on_requested_(*query.venue, now);
    if (entry.revision != board_.revision() || now >= entry.valid_until) refresh(query, entry, now);
    return &entry.response;
}

Parsed<CoursesCache::Queries::iterator> CoursesCache::look_up(std::string_view raw_query) {
    const auto seen = spellings_.find(raw_query);
    if (seen != spellings_.end()) return seen->second;
    auto query = parse_courses_query(board_.map(), raw_query);
    if (!query) return query.error();

    const bool is_full = queries_.size() >= most_queries && !queries_.contains(*query);
    if (is_full || spellings_.size() >= most_spellings) spellings_.clear();
    if (is_full) queries_.clear();
    const auto entry = queries_.try_emplace(*std::move(query)).first;
    if (raw_query.size() <= longest_spelling) spellings_.emplace(raw_query, entry);
    return entry;
}

void CoursesCache::refresh(const CoursesQuery& query, Entry& entry, TimePoint now) {
    ++renders_;
    const auto venue = query.venue ? query.venue : board_.active();
    auto selection = Selection{{}, {}, TimePoint::max()};
    if (venue) selection = board_.select(*venue, query.directions, query.max_age, now);
    entry.revision = board_.revision();
    entry.valid_until = selection.valid_until;

    auto body = render_courses(board_.map(), selection);
    if (!body) {
        const auto disputed = venue ? board_.count_disputed(*venue, now) : 0;
        entry.response = {writer_.write(explain_no_courses(board_.map(), venue, query, disputed)), {}, {}};
        return;
    }
    const auto& known = entry.response.full;
    if (known.status == 200 && known.body == *body) return;
    entry.response = write_tagged(writer_, *std::move(body));
}

}  // namespace kurs::api
