#include "kurs/boardlog/shared_board_log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "kurs/boardlog/change_text.hpp"

namespace kurs {

using namespace log_event;
using namespace log_action;

namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

/// Readings after a snapshot: together twice what the board log keeps.
constexpr int most_readings = 24;

const LogFailure too_many_entries{"the snapshot is older than all entries that should be kept"};

constexpr Duration no_wait{0};

/// How long a read waits for its first entry.
constexpr Duration read_wait = std::chrono::seconds(1);

/// The first replica after an outage of all replicas must know the spent credits.
constexpr Duration leader_note_kept = std::chrono::hours(24);

constexpr Duration wanted_note_kept = std::chrono::seconds(20);

constexpr auto leader_note = "leader";
constexpr auto wanted_note = "wanted:";  // and the venue's name

}  // namespace

SharedBoardLog::SharedBoardLog(net::any_io_executor loop, const MarketMap& map, const Clock& clock,
                               std::unique_ptr<LogStore> store, Board& served, BoardLogEvents events,
                               ReplicaLimits limits)
    : map_(map),
      clock_(clock),
      store_(std::move(store)),
      served_(served),
      events_(std::move(events)),
      limits_(limits),
      state_(map, limits),
      requests_(std::move(loop)) {}

net::awaitable<void> SharedBoardLog::run() {
    requests_.spawn("board log notes", exchange_notes());
    for (;;) {
        step(SlotBegan{});
        co_await sleep_for(limits_.slots.until_next(clock_.now()));
    }
}

bool SharedBoardLog::is_writer() const {
    return state_.role() && *state_.role() != Role::follower;
}

std::size_t SharedBoardLog::writers() const {
    if (state_.is_apart()) return 2;  // another one serves
    return state_.role() == Role::standalone ? replicas_ : 1;
}

TimePoint SharedBoardLog::present() {
    const auto now = clock_.now();
    // By this time: a version must not be served with a time before its moment.
    if (state_.has_due(now) && !is_closed_) step(TimePassed{}, now);
    return now;
}

void SharedBoardLog::want(VenueId venue) {
    if (is_writer()) return events_.on_wanted(venue);
    wanted_.insert(venue);
}

std::optional<ReplicaStatus> SharedBoardLog::status() const {
    return ReplicaStatus{state_.role(), state_.epoch(), replicas_, state_.counts()};
}

net::awaitable<bool> SharedBoardLog::close(Duration limit) {
    is_closed_ = true;
    const bool has_ended = co_await requests_.end(limit);
    const auto lease = state_.lease(clock_.now());
    if (has_ended && lease) co_await store_->release_lease(*lease);
    store_->close();
    co_return has_ended;
}

void SharedBoardLog::step(LogEvent event) {
    step(std::move(event), clock_.now());
}

void SharedBoardLog::step(LogEvent event, TimePoint now) {
    for (auto& action : state_.step(std::move(event), now)) perform(std::move(action));
    const auto before = std::exchange(logged_role_, state_.role());
    if (logged_role_ == before) return;
    spdlog::log(logged_role_ == Role::standalone ? spdlog::level::warn : spdlog::level::info,
                "replica: role is {}, was {}", to_string(*logged_role_),
                before ? to_string(*before) : "starting");
}

// The requests.

void SharedBoardLog::perform(LogAction action) {
    const Overloaded cases{
        [&](TakeLease&) { requests_.spawn("lease", take_lease()); },
        [&](RenewLease& renewal) { requests_.spawn("lease", renew_lease(renewal.epoch)); },
        [&](ReleaseLease& release) { requests_.spawn("lease", release_lease(release.epoch)); },
        [&](LoadBoard&) { requests_.spawn("board loading", load_board()); },
        [&](ReadEntries& reading) {
            requests_.spawn("board log reading", read_entries(std::move(reading.after)));
        },
        [&](Append& entry) { requests_.spawn("board log writing", append_entry(std::move(entry))); },
        [&](Deliver& delivery) {
            served_.apply(delivery.change);
            events_.on_change(delivery.change);
        },
        [](Warn& warning) { spdlog::warn("board log: {}", warning.text); },
    };
    std::visit(cases, action);
}

net::awaitable<void> SharedBoardLog::take_lease() {
    const auto asked_at = clock_.now();
    const auto taken = co_await store_->take_lease(limits_.role.lease);
    if (!taken) co_return fail(Request::lease, taken.error());
    if (*taken) co_return step(LeaseGranted{**taken, asked_at});
    step(LeaseRefused{});
}

net::awaitable<void> SharedBoardLog::renew_lease(Epoch epoch) {
    const auto asked_at = clock_.now();
    const auto renewed = co_await store_->renew_lease(epoch, limits_.role.lease);
    if (!renewed) co_return fail(Request::lease, renewed.error());
    if (*renewed) co_return step(LeaseGranted{epoch, asked_at});
    step(LeaseRefused{});
}

net::awaitable<void> SharedBoardLog::release_lease(Epoch epoch) {
    co_await store_->release_lease(epoch);
}

/// A snapshot is up to a second old, so the entries after it are read with it: they may be more than one
/// reading returns.
net::awaitable<void> SharedBoardLog::load_board() {
    auto snapshot = co_await store_->load_snapshot();
    if (!snapshot) co_return fail(Request::read, snapshot.error());
    if (!*snapshot) co_return step(BoardLoaded{});
    auto entries = co_await store_->read_entries((*snapshot)->id, limits_.slots.length);
    if (!entries) co_return fail(Request::read, entries.error());
    bool is_full = entries->size() >= LogStore::most_entries;
    for (int reading = 1; is_full && reading < most_readings; ++reading) {
        auto id = entries->back().id;
        auto more = co_await store_->read_entries(std::move(id), no_wait);
        if (!more) co_return fail(Request::read, more.error());
        is_full = more->size() >= LogStore::most_entries;
        std::ranges::move(*more, std::back_inserter(*entries));
    }
    if (is_full) co_return fail(Request::read, too_many_entries);
    step(BoardLoaded{*std::move(snapshot), *std::move(entries)});
}

net::awaitable<void> SharedBoardLog::read_entries(std::string after) {
    auto entries = co_await store_->read_entries(std::move(after), read_wait);
    if (!entries) co_return fail(Request::read, entries.error());
    step(EntriesRead{*std::move(entries)});
}

net::awaitable<void> SharedBoardLog::append_entry(Append entry) {
    auto text = to_text(map_, entry.change);
    auto snapshot = entry.snapshot ? to_text(map_, *entry.snapshot) : "";
    const auto version = entry.change.version;
    auto id = co_await store_->append(entry.epoch, version, std::move(text), std::move(snapshot));
    if (!id) co_return fail(Request::publish, id.error());
    step(AppendAnswered{*std::move(id), std::move(entry.change)});
}

void SharedBoardLog::fail(Request request, const LogFailure& failure) {
    spdlog::debug("board log: request failed, reason={}", failure.text);
    step(RequestFailed{request});
}

// The notes.

net::awaitable<void> SharedBoardLog::exchange_notes() {
    for (;;) {
        if (state_.is_apart()) {
            co_await sleep_for(limits_.notes_every);
            continue;
        }
        const auto count = co_await store_->check_in();
        if (count) replicas_ = std::max<std::size_t>(*count, 1);
        const auto role = state_.role();
        const auto epoch = state_.epoch();
        if (role == Role::leader) {
            if (note_epoch_ != epoch && co_await read_leader_note()) note_epoch_ = epoch;
            if (note_epoch_ == epoch) co_await leave_leader_note();
            co_await read_wanted();
        } else if (role == Role::follower) {
            co_await read_leader_note();
            co_await tell_wanted();
        }
        co_await sleep_for(limits_.notes_every);
    }
}

net::awaitable<bool> SharedBoardLog::read_leader_note() {
    std::vector<std::string> names{leader_note};
    const auto notes = co_await store_->read_notes(std::move(names));
    if (!notes || notes->empty()) co_return false;
    if (!notes->front().empty()) events_.on_note(notes->front());
    co_return true;
}

net::awaitable<void> SharedBoardLog::leave_leader_note() {
    auto text = events_.make_note();
    co_await store_->leave_note(leader_note, std::move(text), leader_note_kept);
}

net::awaitable<void> SharedBoardLog::read_wanted() {
    std::vector<std::string> names;
    for (const VenueId venue : map_.exchangers) names.push_back(wanted_note + map_.name(venue));
    const auto notes = co_await store_->read_notes(std::move(names));
    if (!notes || notes->size() != map_.exchangers.size()) co_return;
    for (std::size_t i = 0; i < notes->size(); ++i) {
        if (!(*notes)[i].empty()) events_.on_wanted(map_.exchangers[i]);
    }
}

net::awaitable<void> SharedBoardLog::tell_wanted() {
    const auto wanted = std::exchange(wanted_, {});
    for (const VenueId venue : wanted) {
        auto name = wanted_note + map_.name(venue);
        std::string text = "wanted";
        co_await store_->leave_note(std::move(name), std::move(text), wanted_note_kept);
    }
}

}  // namespace kurs
