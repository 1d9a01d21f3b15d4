#include "kurs/ingest/replay.hpp"

#include <utility>

#include "kurs/boardlog/change_text.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/ingest/tick_text.hpp"
#include "kurs/tape/taped_sessions.hpp"

namespace kurs {

using tape::Failure;
using tape::Kind;
using tape::Record;
using tape::Result;

namespace {

Failure at(const Record& record, const std::string& what) {
    return {to_rfc3339(record.at) + ": " + what};
}

}  // namespace

Replay::Replay(ReplayParts parts) : parts_(std::move(parts)) {}

std::optional<PricingReport> Replay::report(TimePoint now) const {
    return intake_ ? std::optional(intake_->report(now)) : std::nullopt;
}

Result<void> Replay::take(const Record& record) {
    if (record.kind == Kind::change) return compare(record);
    if (!unconfirmed_.empty()) return at(record, "a change was made that is not recorded");
    switch (record.kind) {
        case Kind::configuration: return {};
        case Kind::begin: return begin(record);
        case Kind::feed: return define(record);
        case Kind::session:
        case Kind::open:
        case Kind::frame:
        case Kind::watch: return take_stream(record);
        case Kind::request:
        case Kind::response:
        case Kind::failure: return take_poll(record);
        default: return take_time(record);
    }
}

Result<void> Replay::begin(const Record& record) {
    auto beginning = parse_beginning(parts_.map, record.payload);
    if (!beginning) return beginning.error();
    if (intake_) return at(record, "begins twice");
    auto append = [this](BoardChange change, TimePoint when) {
        unconfirmed_.push_back(tape::fingerprint(to_text(parts_.map, change)));
        parts_.append(std::move(change), when);
    };
    intake_.emplace(IntakeParts{parts_.map, refusal_log_, parts_.failback_after, beginning->delay,
                                std::move(append), [](VenueId, errc) {}},
                    beginning->published, record.at);
    parts_.on_begin(beginning->published, beginning->delay);
    return {};
}

std::optional<Replay::Feed> Replay::find(const std::string& name, std::size_t number) {
    for (auto& feeds : parts_.feeds) {
        auto* const stream = feeds.stream ? feeds.stream->venue.get() : nullptr;
        const IntakeSource poll{feeds.venue, {number, stream != nullptr}, stream};
        if (feeds.listing && feeds.listing->name == name)
            return Feed{poll, nullptr, feeds.listing->session.get(), nullptr};
        if (feeds.poll && feeds.poll->name == name)
            return Feed{poll, nullptr, feeds.poll->session.get(), nullptr};
        for (std::size_t i = 0; stream && i < feeds.stream->connections; ++i)
            if (connection_name(*feeds.stream, i) == name)
                return Feed{{feeds.venue, {number, false}, stream}, stream, nullptr, nullptr};
    }
    return std::nullopt;
}

Result<void> Replay::define(const Record& record) {
    auto feed = find(record.payload, record.feed);
    if (!feed) return at(record, "the settings have no feed " + record.payload);
    feeds_.insert_or_assign(record.feed, *std::move(feed));
    return {};
}

/// The changes that followed from an input are recorded after it, in their order.
Result<void> Replay::compare(const Record& record) {
    if (unconfirmed_.empty()) return at(record, "a change is recorded that was not made");
    if (unconfirmed_.front() != record.payload) return at(record, "another change was made than is recorded");
    unconfirmed_.erase(unconfirmed_.begin());
    ++changes_;
    return {};
}

Result<void> Replay::take_time(const Record& record) {
    if (!intake_) return at(record, "comes before the beginning");
    if (record.kind == Kind::clock) {
        intake_->follow_time(record.at);
    } else if (record.kind == Kind::wanted) {
        const auto venue = parts_.map.find_venue(record.payload);
        if (!venue) return at(record, "the market map has no venue " + record.payload);
        intake_->note_wanted(*venue, record.at);
    } else {
        const auto ticks = parse_ticks(parts_.map, record.payload);
        if (!ticks) return ticks.error();
        intake_->restore(*ticks, record.at);
    }
    return {};
}

Result<void> Replay::take_stream(const Record& record) {
    const auto found = feeds_.find(record.feed);
    if (!intake_ || found == feeds_.end() || !found->second.stream) return at(record, "has no stream");
    auto& feed = found->second;
    if (record.kind == Kind::session) {
        feed.session = feed.stream->make_session();
        return {};
    }
    if (!feed.session) return at(record, "has no session");
    if (record.kind == Kind::open) {
        feed.session->on_open();
        return {};
    }
    const bool is_frame = record.kind == Kind::frame;
    if (is_frame) ++frames_;
    const auto outcome =
        is_frame ? feed.session->on_frame(record.payload, record.at) : feed.session->on_time(record.at);
    intake_->take(feed.source, outcome, record.at);
    return {};
}

Result<void> Replay::take_poll(const Record& record) {
    const auto found = feeds_.find(record.feed);
    if (!intake_ || found == feeds_.end() || !found->second.poll) return at(record, "has no poll");
    auto& poll = *found->second.poll;
    if (record.kind == Kind::request) {
        poll.make_request(record.at);
    } else if (record.kind == Kind::failure) {
        poll.on_failure(record.at);
    } else {
        const auto response = tape::parse_response(record.payload);
        if (!response) return response.error();
        ++frames_;
        intake_->take(found->second.source, poll.on_response(*response, record.at), record.at);
    }
    return {};
}

}  // namespace kurs
