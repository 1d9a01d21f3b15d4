#include "kurs/boardlog/shared_board_log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "kurs/boardlog/change_text.hpp"

namespace kurs {

using namespace log_event;
using namespace log_action;

namespace {

/// How long a read waits for its first entry.
constexpr Duration read_wait = std::chrono::seconds(1);

constexpr Duration notes_every = std::chrono::seconds(1);

/// The first replica after an outage of all replicas must know the spent credits.
constexpr Duration leader_note_kept = std::chrono::hours(24);

// A requested venue stays needed for two minutes, so notices can be rare.
constexpr Duration wanted_note_kept = std::chrono::seconds(20);
constexpr Duration tell_again_after = std::chrono::seconds(10);

constexpr auto leader_note = "leader";

std::string_view text_of(std::optional<Role> role) {
    return role ? to_string(*role) : "starting";
}

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
      wanted_at_(map.venues.size()),
      told_at_(map.venues.size()),
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
    return state_.role() == Role::standalone ? replicas_ : 1;
}

TimePoint SharedBoardLog::present() {
    const auto now = clock_.now();
    if (state_.has_due(now)) step(TimePassed{});
    return now;
}

void SharedBoardLog::want(VenueId venue) {
    if (is_writer()) return events_.on_wanted(venue);
    wanted_at_[index(venue)] = clock_.now();
}

std::optional<ReplicaStatus> SharedBoardLog::status() const {
    return ReplicaStatus{state_.role(), state_.epoch(), replicas_};
}

net::awaitable<bool> SharedBoardLog::close(Duration limit) {
    const bool has_ended = co_await requests_.end(limit);
    if (has_ended && state_.role() == Role::leader) co_await store_->release_lease(state_.epoch());
    store_->close();
    co_return has_ended;
}

void SharedBoardLog::step(LogEvent event) {
    for (auto& action : state_.step(std::move(event), clock_.now()))
        std::visit([this](auto& each) { perform(each); }, action);
    const auto before = std::exchange(logged_role_, state_.role());
    if (logged_role_ == before) return;
    spdlog::log(logged_role_ == Role::standalone ? spdlog::level::warn : spdlog::level::info,
                "replica: role is {}, was {}", text_of(logged_role_), text_of(before));
}

// The requests.

void SharedBoardLog::perform(const TakeLease&) {
    requests_.spawn("lease", take_lease());
}

void SharedBoardLog::perform(const RenewLease& action) {
    requests_.spawn("lease", renew_lease(action.epoch));
}

void SharedBoardLog::perform(const LoadBoard&) {
    requests_.spawn("board loading", load_board());
}

void SharedBoardLog::perform(const ReadEntries& action) {
    requests_.spawn("board log reading", read_entries(action.after));
}

void SharedBoardLog::perform(Append& action) {
    requests_.spawn("board log writing", append_entry(action.epoch, std::move(action.change)));
}

void SharedBoardLog::perform(SaveSnapshot& action) {
    StoredSnapshot snapshot{std::move(action.id), action.epoch, to_text(map_, action.board)};
    requests_.spawn("snapshot", save_snapshot(std::move(snapshot)));
}

void SharedBoardLog::perform(const Deliver& action) {
    served_.apply(action.change);
    events_.on_change(action.change);
}

void SharedBoardLog::perform(const Warn& action) {
    spdlog::warn("board log: {}", action.text);
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

/// A snapshot is up to a second old, so the entries after it are read with it.
net::awaitable<void> SharedBoardLog::load_board() {
    auto stored = co_await store_->load_snapshot();
    if (!stored) co_return fail(Request::read, stored.error());
    BoardLoaded loaded;
    if (*stored) {
        auto entries = co_await store_->read_entries((*stored)->id, limits_.slots.length);
        if (!entries) co_return fail(Request::read, entries.error());
        loaded.snapshot = LogSnapshot{(*stored)->id, (*stored)->epoch, parse_change(map_, (*stored)->text)};
        loaded.entries = parse(*std::move(entries));
    }
    step(std::move(loaded));
}

net::awaitable<void> SharedBoardLog::read_entries(std::string after) {
    auto entries = co_await store_->read_entries(std::move(after), read_wait);
    if (!entries) co_return fail(Request::read, entries.error());
    step(EntriesRead{parse(*std::move(entries))});
}

net::awaitable<void> SharedBoardLog::append_entry(Epoch epoch, BoardChange change) {
    auto text = to_text(map_, change);
    auto appended = co_await store_->append(epoch, std::move(text));
    if (!appended) co_return fail(Request::publish, appended.error());
    if (!*appended) co_return step(AppendRefused{});
    step(Appended{**std::move(appended), std::move(change)});
}

net::awaitable<void> SharedBoardLog::save_snapshot(StoredSnapshot snapshot) {
    const auto saved = co_await store_->save_snapshot(std::move(snapshot));
    if (!saved) co_return fail(Request::publish, saved.error());
    step(SnapshotSaved{});
}

void SharedBoardLog::fail(Request request, const LogFailure& failure) {
    spdlog::debug("board log: {}", failure.text);
    step(RequestFailed{request});
}

std::vector<LogEntry> SharedBoardLog::parse(std::vector<StoredEntry> stored) const {
    std::vector<LogEntry> entries;
    for (auto& entry : stored) {
        auto change = parse_change(map_, entry.text);
        entries.push_back({std::move(entry.id), std::move(entry.after), entry.epoch, std::move(change)});
    }
    return entries;
}

// The notes.

net::awaitable<void> SharedBoardLog::exchange_notes() {
    for (;;) {
        const auto count = co_await store_->check_in();
        if (count) replicas_ = std::max<std::size_t>(*count, 1);
        const auto role = state_.role();
        if (role == Role::leader) {
            if (!has_read_note_) co_await read_leader_note();
            co_await tell_followers();
            co_await read_wanted();
        } else if (role == Role::follower) {
            co_await read_leader_note();
            co_await tell_wanted();
        }
        co_await sleep_for(notes_every);
    }
}

net::awaitable<void> SharedBoardLog::tell_followers() {
    auto text = events_.make_note();
    co_await store_->leave_note(leader_note, std::move(text), leader_note_kept);
}

net::awaitable<void> SharedBoardLog::read_leader_note() {
    std::vector<std::string> names{leader_note};
    const auto notes = co_await store_->read_notes(std::move(names));
    if (!notes || notes->empty()) co_return;
    has_read_note_ = true;
    if (!notes->front().empty()) events_.on_note(notes->front());
}

net::awaitable<void> SharedBoardLog::read_wanted() {
    std::vector<std::string> names;
    for (const VenueId venue : map_.exchangers) names.push_back(wanted_note(venue));
    const auto notes = co_await store_->read_notes(std::move(names));
    if (!notes || notes->size() != map_.exchangers.size()) co_return;
    for (std::size_t i = 0; i < notes->size(); ++i) {
        if (!(*notes)[i].empty()) events_.on_wanted(map_.exchangers[i]);
    }
}

net::awaitable<void> SharedBoardLog::tell_wanted() {
    for (const VenueId venue : map_.exchangers) {
        auto& told_at = told_at_[index(venue)];
        const auto now = clock_.now();
        if (wanted_at_[index(venue)] <= told_at || now - told_at < tell_again_after) continue;
        told_at = now;
        auto name = wanted_note(venue);
        auto text = std::to_string(now.time_since_epoch().count());
        co_await store_->leave_note(std::move(name), std::move(text), wanted_note_kept);
    }
}

std::string SharedBoardLog::wanted_note(VenueId venue) const {
    return "wanted:" + map_.name(venue);
}

}  // namespace kurs
