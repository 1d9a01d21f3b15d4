#include "kurs/api/topic.hpp"

#include <algorithm>

#include "api/contract_v2.hpp"

namespace kurs::api {
namespace {

/// Subscribers are at few positions: the end of the last round, and those of slow clients.
constexpr std::size_t most_kept = 16;

/// A message contains ages as of its creation, so it is not reused much later.
constexpr Duration longest_kept{50};

std::vector<DirectionId> named_directions(const MarketMap& map, const CoursesQuery& query) {
    if (!query.directions.empty()) return query.directions;
    std::vector<DirectionId> all(map.directions.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<DirectionId>(i);
    return all;
}

constexpr std::string_view end_of_event = "\n\n";

}  // namespace

PushMessage::PushMessage(std::string_view event, std::string_view id_line, std::string_view members) {
    text_.append("event: ").append(event).append("\n").append(id_line).append("data: ");
    document_at_ = text_.size();
    text_.append(R"({"event":")").append(event).append(R"(",)").append(members).append("}");
    text_.append(end_of_event);
}

std::string_view PushMessage::document() const {
    return event_stream().substr(document_at_, text_.size() - document_at_ - end_of_event.size());
}

Topic::Topic(const Board& board, CoursesQuery query, TimePoint now, VersionCheck is_shared)
    : board_(board), query_(std::move(query)), is_shared_(std::move(is_shared)) {
    for (const auto direction : named_directions(board.map(), query_)) seen_.push_back({direction, {}});
    follow(now);
}

std::optional<PushPosition> Topic::find(std::uint64_t version, TimePoint now) {
    if (!is_shared(version)) return std::nullopt;
    follow(now);
    const bool is_known = known_since_ != 0 && known_since_ <= version && version <= board_.version();
    if (!is_known) return std::nullopt;
    PushPosition position{news_, version};
    if (venue_version_ > version) position.news = venue_news_ - 1;
    for (const auto& seen : seen_) {
        // A version alone does not tell whether a client with it saw the quote go stale.
        const bool is_new = seen.quote_version > version || seen.state == State::stale;
        if (is_new) position.news = std::min(position.news, seen.news - 1);
    }
    return position;
}

bool Topic::is_to_come(std::uint64_t version) const {
    return is_shared(version) && version > board_.version();
}

Topic::Message Topic::snapshot(TimePoint now) {
    follow(now);
    return render("snapshot", query_, true, now);
}

Topic::Message Topic::news_since(PushPosition position, TimePoint now) {
    follow(now);
    if (position.news == news_) return nullptr;
    if (now < kept_since_ || now - kept_since_ >= longest_kept) kept_.clear();
    if (kept_.empty()) kept_since_ = now;

    const Place place{position.news, board_.version() > position.version};
    if (const auto kept = kept_.find(place); kept != kept_.end()) return kept->second;
    auto message = render_news_since(place, now);
    if (kept_.size() < most_kept) kept_.emplace(place, message);
    return message;
}

Topic::Message Topic::render_news_since(const Place& place, TimePoint now) const {
    if (place.news < venue_news_) return render("snapshot", query_, place.has_id, now);
    CoursesQuery changed{venue_, {}, query_.max_age};
    for (const auto& seen : seen_) {
        if (seen.news > place.news) changed.directions.push_back(seen.direction);
    }
    return render("changes", changed, place.has_id, now);
}

Topic::Message Topic::heartbeat(TimePoint now) {
    follow(now);
    return std::make_shared<const PushMessage>("heartbeat", "", v2::render_view(board_, venue_, now));
}

void Topic::follow(TimePoint now) {
    if (news_ != 0 && revision_ == board_.revision() && now < next_change_) return;
    revision_ = board_.revision();
    next_change_ = TimePoint::max();
    kept_.clear();

    // All changes found in one evaluation get one number.
    const auto news = news_ + 1;
    bool is_new = news_ == 0;
    const auto venue = query_.venue ? query_.venue : board_.active();
    if (venue != venue_) {
        venue_ = venue;
        venue_news_ = news;
        venue_version_ = board_.version();
        is_new = true;
    }
    for (auto& seen : seen_) is_new = look_at(seen, news, now) || is_new;
    if (is_new) news_ = news;
    if (known_since_ == 0) begin_knowing();
}

/// The current quotes count as known to a client that has this version. An empty board has yet to receive
/// what other replicas have shown.
void Topic::begin_knowing() {
    known_since_ = board_.version();
    venue_version_ = 0;
    for (auto& seen : seen_) seen.quote_version = 0;
}

/// Returns whether the direction has changed.
bool Topic::look_at(Seen& seen, std::uint64_t news, TimePoint now) {
    const Quote* const quote = venue_ ? board_.find(*venue_, seen.direction) : nullptr;
    const auto state = judge(quote, now);
    const bool is_same = quote ? seen.quote == *quote : !seen.quote;
    if (is_same && seen.state == state) return false;
    seen.news = news;
    seen.state = state;
    if (is_same) return true;
    seen.quote_version = board_.version();
    seen.quote = quote ? std::optional(*quote) : std::nullopt;
    return true;
}

/// Records when the state will end.
Topic::State Topic::judge(const Quote* quote, TimePoint now) {
    if (!quote) return State::unavailable;
    auto until = quote->fresh_until;
    if (query_.max_age) until = std::min(until, quote->observed_at + *query_.max_age + Duration{1});
    if (now >= until) return State::stale;
    next_change_ = std::min(next_change_, until);
    return State::current;
}

Topic::Message Topic::render(std::string_view event, const CoursesQuery& query, bool has_id,
                             TimePoint now) const {
    std::string id_line;
    if (has_id) {
        // An empty id makes the client forget the last one (the HTML standard, 9.2.6). No other replica knows
        // this version, so a client that reconnects must get a snapshot.
        id_line = is_shared(board_.version()) ? "id: " + std::to_string(board_.version()) + "\n" : "id\n";
    }
    return std::make_shared<const PushMessage>(event, id_line,
                                               v2::render_courses(board_, query, now).members);
}

Topic::Message TopicReader::next(TimePoint now, bool may_wait) {
    if (!position_ && known_version_) position_ = topic_.find(*known_version_, now);
    if (!position_ && known_version_ && may_wait && topic_.is_to_come(*known_version_)) return nullptr;
    auto message = position_ ? topic_.news_since(*position_, now) : topic_.snapshot(now);
    if (message) position_ = topic_.newest();
    return message;
}

}  // namespace kurs::api
