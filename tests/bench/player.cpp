#include "bench/player.hpp"

#include <stdexcept>
#include <utility>

#include "kurs/ingest/tick_text.hpp"
#include "kurs/tape/reader.hpp"
#include "kurs/tape/taped_sessions.hpp"

namespace kurs::bench {

using tape::Kind;
using tape::Record;

namespace {

constexpr Duration filling = std::chrono::seconds(3);

bool is_input(Kind kind) {
    return kind == Kind::frame || kind == Kind::response;
}

}  // namespace

Recording read_recording(const std::string& path) {
    auto reader = tape::Reader::open(path).value();
    std::vector<Problem> problems;
    auto configuration = read_recorded(*reader.next().value(), problems);
    if (!configuration) throw std::runtime_error(path + ": " + to_string(problems.at(0)));
    Recording recording{std::make_shared<const RecordedConfiguration>(*std::move(configuration)), {}, {}};
    while (auto record = reader.next().value())
        if (record->kind != Kind::change) recording.records.push_back(*std::move(record));
    recording.measured_from = recording.records.at(0).at + filling;
    return recording;
}

Player::Player(const Recording& recording)
    : recording_(recording),
      map_(recording.configuration->market.map),
      venues_(recording.configuration->market.venues, recording.configuration->settings.values, map_),
      plans_(venues_.make_feeds()),
      board_(map_, recording.configuration->settings.failback_after),
      log_(clock_, board_,
           {.on_change =
                [this](const BoardChange& change) {
                    if (change.active) failovers_.add(*change.active);
                },
            .on_wanted = [](VenueId) {},
            .make_note = [] { return std::string(); },
            .on_note = [](std::string_view) {}}) {}

void Player::play(bool is_timed) {
    is_timed_ = is_timed;
    for (const Record& record : recording_.records) {
        now_ = std::max(now_, record.at);
        if (is_input(record.kind) && record.at >= recording_.measured_from)
            take_measured(record);
        else
            take(record);
    }
}

void Player::take(const Record& record) {
    switch (record.kind) {
        case Kind::begin: return begin(record);
        case Kind::feed: return define(record);
        case Kind::session: {
            auto& feed = feeds_.at(record.feed);
            feed.session = feed.stream->make_session();
            return;
        }
        case Kind::open: feeds_.at(record.feed).session->on_open(); return;
        case Kind::request: feeds_.at(record.feed).poll->make_request(record.at); return;
        case Kind::failure: feeds_.at(record.feed).poll->on_failure(record.at); return;
        case Kind::clock: return intake_->follow_time(record.at);
        case Kind::frame:
        case Kind::response:
        case Kind::watch: {
            auto& feed = feeds_.at(record.feed);
            return intake_->take(feed.source, read(feed, record), record.at);
        }
        default: return;
    }
}

void Player::take_measured(const Record& record) {
    take_frame(record, spent_[map_.name(feeds_.at(record.feed).source.venue)].emplace_back());
}

/// tools/count_instructions.py counts the instructions of this function by its name.
[[gnu::noinline]] void Player::take_frame(const Record& record, Spent& spent) {
    auto& feed = feeds_.at(record.feed);
    appending_ = {};
    const auto begun_at = clock();
    const auto outcome = read(feed, record);
    const auto read_at = clock();
    intake_->take(feed.source, outcome, record.at);
    spent.session = read_at - begun_at;
    spent.ingest = clock() - read_at - appending_;
    spent.board = appending_;
}

Outcome Player::read(Feed& feed, const Record& record) const {
    if (record.kind == Kind::frame) return feed.session->on_frame(record.payload, record.at);
    if (record.kind == Kind::watch) return feed.session->on_time(record.at);
    return feed.poll->on_response(tape::parse_response(record.payload).value(), record.at);
}

void Player::begin(const Record& record) {
    const auto beginning = parse_beginning(map_, record.payload).value();
    intake_.emplace(
        IntakeParts{map_, refusal_log_, recording_.configuration->settings.failback_after, beginning.delay,
                    [this](BoardChange change, TimePoint at) { append(std::move(change), at); },
                    [](VenueId, errc) {}},
        beginning.published, record.at);
}

void Player::define(const Record& record) {
    const auto& name = record.payload;
    for (auto& plan : plans_) {
        auto* const stream = plan.stream ? plan.stream->venue.get() : nullptr;
        const IntakeSource poll{plan.venue, {record.feed, stream != nullptr}, stream};
        if (plan.listing && plan.listing->name == name)
            feeds_.insert_or_assign(record.feed, Feed{poll, nullptr, plan.listing->session.get(), nullptr});
        if (plan.poll && plan.poll->name == name)
            feeds_.insert_or_assign(record.feed, Feed{poll, nullptr, plan.poll->session.get(), nullptr});
        for (std::size_t i = 0; stream && i < plan.stream->connections; ++i)
            if (connection_name(*plan.stream, i) == name)
                feeds_.insert_or_assign(
                    record.feed, Feed{{plan.venue, {record.feed, false}, stream}, stream, nullptr, nullptr});
    }
}

void Player::append(BoardChange change, TimePoint at) {
    const auto begun_at = clock();
    log_.append(std::move(change), at);
    appending_ += clock() - begun_at;
}

std::chrono::nanoseconds Player::clock() const {
    return is_timed_ ? std::chrono::steady_clock::now().time_since_epoch() : std::chrono::nanoseconds{};
}

}  // namespace kurs::bench
