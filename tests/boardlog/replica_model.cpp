#include "replica_model.hpp"

#include <algorithm>
#include <utility>

namespace kurs::model {

using namespace log_event;
using namespace log_action;
using enum Move::Kind;

namespace {

constexpr TimePoint noon{std::chrono::seconds(1'700'000'000)};

/// Another value in each slot and from each writer. Not every slot has one.
std::optional<BoardChange> value_of(int tick, std::size_t replica) {
    const auto turn = static_cast<std::uint64_t>(tick);
    if ((turn + replica) % 2 == 1) return std::nullopt;
    const auto rate = Rate::from_units(4 * turn + replica + 1).value();
    BoardChange change;
    change.quotes = {{VenueId{0}, static_cast<DirectionId>(turn / 2 % 2), rate, rate, rate, noon, noon, {}}};
    return change;
}

bool may_take_effect_later(const LogAction& action) {
    return !std::holds_alternative<LoadBoard>(action) && !std::holds_alternative<ReadEntries>(action);
}

}  // namespace

void Pools::forget_unused() {
    processes.forget_unused();
    stores.forget_unused();
    histories.forget_unused();
}

World::World(const Rules& rules, Pools& pools)
    : rules_(&rules), pools_(&pools), history_(std::make_shared<History>()) {
    for (std::size_t i = 0; i < replica_count; ++i) {
        auto process = std::make_shared<Process>(rules);
        if (rules.apart == i) process->state.set_apart(true);
        const auto digest = process->digest();
        processes_.push_back({std::move(process), digest});
    }
    store_.value = std::make_shared<ModelStore>();
}

void World::allow_faults(int faults, int before_slot) {
    faults_left_ = faults;
    last_fault_before_ = before_slot;
}

TimePoint World::store_time() const {
    return noon + tick_ * slot;
}

TimePoint World::now(std::size_t replica) const {
    return store_time() + processes_[replica]->offset;
}

StateDigest World::digest() const {
    StateDigest digest = store_.digest;
    for (const auto& process : processes_) {
        digest.add(process.digest.first);
        digest.add(process.digest.second);
    }
    digest.add(history_->digest.first);
    for (const auto& stray : strays_) stray.add_to(digest);
    for (const int value : {tick_, faults_left_, actor_, int{is_fresh_}})
        digest.add(static_cast<std::uint64_t>(value));
    return digest;
}

// What is possible.

bool World::has_step(std::size_t replica) const {
    return processes_[replica]->has_step(*store_.value, tick_);
}

std::vector<Move> World::moves() const {
    std::vector<Move> moves;
    bool is_idle = actor_ < 0;
    for (std::uint8_t i = 0; i < replica_count; ++i) {
        if ((actor_ >= 0 && actor_ != i) || !has_step(i)) continue;
        is_idle = false;
        moves.push_back({step, i});
        for (std::uint8_t each = 0; each < 3; ++each) {
            const auto& request = processes_[i]->requests[each];
            if (request && request->answer && request->has_expired(tick_)) moves.push_back({expire, i, each});
        }
    }
    if (is_idle) moves.push_back({tick});
    if (is_fresh_) add_recoveries(moves);
    if (actor_ < 0) {
        for (std::uint8_t i = 0; i < strays_.size(); ++i) moves.push_back({stray, 0, i});
    }
    if (faults_left_ > 0) add_faults(moves);
    return moves;
}

void World::add_recoveries(std::vector<Move>& moves) const {
    for (std::uint8_t i = 0; i < replica_count; ++i) {
        const auto& process = *processes_[i].value;
        if (!process.is_up) moves.push_back({restart, i});
        if (process.is_frozen) {
            moves.push_back({thaw, i});
            moves.push_back({thaw_with_answers, i});
        }
        if (process.link != Link::open) moves.push_back({mend, i});
        for (std::uint8_t each = 0; each < 3; ++each) {
            if (process.requests[each] && process.requests[each]->is_held)
                moves.push_back({release, i, each});
        }
    }
}

/// A fault of one replica commutes with the steps of the others, so it is enough that it happens when a slot
/// begins and within the replica's turn.
void World::add_faults(std::vector<Move>& moves) const {
    // A store that has lost its data cannot know which versions were published, so clocks must agree then.
    const bool do_clocks_agree =
        std::ranges::all_of(processes_, [](const auto& process) { return process->offset == Duration{}; });
    if (actor_ < 0 && do_clocks_agree) moves.push_back({lose_data});
    for (std::uint8_t i = 0; i < replica_count; ++i) {
        const auto& process = *processes_[i].value;
        if (!process.is_up) continue;
        if (actor_ < 0) moves.push_back({stop, i});
        if (actor_ != i && !is_fresh_) continue;
        moves.push_back({crash, i});
        if (!process.is_frozen) moves.push_back({freeze, i});
        for (std::uint8_t link = 1; link < link_names.size() && process.link == Link::open; ++link)
            moves.push_back({cut, i, link});
        if (is_fresh_ && !store_->has_lost_data) moves.push_back({drift, i});
        for (std::uint8_t each = 0; each < 3; ++each) {
            const auto& request = process.requests[each];
            const bool is_next = request && !request->is_held &&
                                 (request->answer || process.can_execute(*request, *store_.value, tick_));
            if (actor_ == i && is_next) moves.push_back({hold, i, each});
        }
    }
}

// What happens.

template <class Change>
void World::change(std::size_t replica, Change change) {
    auto process = std::make_shared<Process>(*processes_[replica].value);
    change(*process);
    const auto digest = process->digest();
    processes_[replica] = {pools_->processes.share(std::move(process), digest), digest};
}

template <class Change>
void World::change_store(Change change) {
    auto store = std::make_shared<ModelStore>(*store_.value);
    change(*store);
    const auto digest = store->digest();
    store_ = {pools_->stores.share(std::move(store), digest), digest};
}

void World::make(Move move) {
    if (move.kind >= crash) --faults_left_;
    // What may happen at the beginning of a slot, and what happens only then.
    const bool keeps_fresh = move.kind >= restart && move.kind != stop && move.kind != lose_data;
    if (!keeps_fresh) is_fresh_ = false;
    apply(move);
    const bool is_of_turn = move.kind == step || move.kind == expire || actor_ == move.replica;
    if (is_of_turn) actor_ = has_step(move.replica) ? move.replica : -1;
}

void World::apply(Move move) {
    const auto i = move.replica;
    switch (move.kind) {
        case tick: return begin_slot();
        case step: return make_step(i);
        case expire: return fail(i, move.detail);
        case stray: return carry_out_stray(move.detail);
        case restart:
            return change(i, [&](Process& process) {
                const auto link = process.link;
                const auto offset = process.offset;
                std::destroy_at(&process);
                std::construct_at(&process, *rules_);
                process.link = link;
                process.offset = offset;
                process.state.set_apart(rules_->apart == i);
            });
        case thaw: return change(i, [](Process& process) { process.is_frozen = false; });
        case thaw_with_answers:
            return change(i, [](Process& process) {
                process.is_frozen = false;
                process.answers_first = true;
            });
        case mend: return change(i, [](Process& process) { process.link = Link::open; });
        case release:
            return change(i, [&](Process& process) { process.requests[move.detail]->is_held = false; });
        case crash: return end_process(i);
        case stop:
            if (const auto lease = processes_[i]->state.lease(now(i)))
                change_store([&](ModelStore& store) { store.release_lease(*lease); });
            return end_process(i);
        case freeze: return change(i, [](Process& process) { process.is_frozen = true; });
        case cut: return change(i, [&](Process& process) { process.link = static_cast<Link>(move.detail); });
        case hold: return change(i, [&](Process& process) { process.requests[move.detail]->is_held = true; });
        case drift:
            return change(i, [](Process& process) {
                process.offset = process.offset == Duration{} ? -RoleLimits{}.margin : Duration{};
            });
        case lose_data: return change_store([](ModelStore& store) { store.lose_data(); });
    }
}

void World::begin_slot() {
    ++tick_;
    is_fresh_ = true;
    if (tick_ >= last_fault_before_) faults_left_ = 0;
    for (std::size_t i = 0; i < replica_count; ++i) {
        if (processes_[i]->is_up) change(i, [](Process& process) { process.is_due = true; });
    }
}

void World::make_step(std::size_t replica) {
    const auto& process = *processes_[replica].value;
    const auto first_answer = std::ranges::find_if(
        process.requests, [&](const auto& request) { return request && process.can_answer(*request); });
    const bool has_answer = first_answer != process.requests.end();
    const auto answered = static_cast<std::size_t>(first_answer - process.requests.begin());
    if (process.is_due && !(process.answers_first && has_answer)) {
        change(replica, [&](Process& each) {
            each.is_due = each.answers_first = false;
            const auto role = each.state.role();
            auto value = value_of(tick_, replica);
            if (value && role && role != Role::follower) each.state.write(*std::move(value));
        });
        return tell(replica, SlotBegan{});
    }
    if (has_answer) return answer(replica, answered);
    for (std::size_t i = 0; i < process.requests.size(); ++i) {
        const auto& request = process.requests[i];
        if (!request) continue;
        const bool is_refused =
            process.link == Link::refusing || (process.link == Link::no_entries && i == publish_index);
        if (is_refused || request->has_expired(tick_)) return fail(replica, i);
        if (process.can_execute(*request, *store_.value, tick_))
            return change(replica, [&](Process& each) { execute(*each.requests[i]); });
    }
}

void World::tell(std::size_t replica, LogEvent event) {
    const auto version = processes_[replica]->served.version();
    change(replica, [&](Process& process) {
        for (auto& action : process.state.step(std::move(event), now(replica)))
            perform(replica, process, std::move(action));
    });
    check(replica, version);
}

void World::perform(std::size_t replica, Process& process, LogAction action) {
    if (std::holds_alternative<Warn>(action)) return;
    if (const auto* const delivery = std::get_if<Deliver>(&action))
        return process.served.apply(delivery->change);
    Pending request{std::move(action), tick_, now(replica)};
    if (const auto* const release_lease = std::get_if<ReleaseLease>(&request.action)) {
        const bool is_sent = process.link == Link::open || process.link == Link::no_entries;
        if (is_sent)
            change_store([&](ModelStore& store) { store.release_lease(release_lease->epoch); });
        else if (process.link != Link::refusing)
            strays_.push_back(std::move(request));
        return;
    }
    auto& slot_of_request = process.requests[request_of(request.action)];
    if (slot_of_request) note_broken("two requests of one kind are in progress");
    slot_of_request = std::move(request);
}

void World::answer(std::size_t replica, std::size_t request) {
    LogEvent event;
    change(replica, [&](Process& process) {
        event = *std::move(process.requests[request]->answer);
        process.requests[request].reset();
    });
    tell(replica, std::move(event));
}

void World::fail(std::size_t replica, std::size_t request) {
    change(replica, [&](Process& process) {
        auto& failed = process.requests[request];
        const bool was_sent = process.link != Link::refusing && process.link != Link::no_entries;
        if (was_sent && !failed->answer && may_take_effect_later(failed->action))
            strays_.push_back(*std::move(failed));
        failed.reset();
    });
    tell(replica, RequestFailed{static_cast<Request>(request)});
}

void World::execute(Pending& request) {
    const auto at = store_time();
    if (std::holds_alternative<TakeLease>(request.action)) {
        std::optional<Epoch> epoch;
        change_store([&](ModelStore& store) { epoch = store.take_lease(at); });
        request.answer = LeaseRefused{};
        if (epoch) request.answer = LeaseGranted{*epoch, request.asked_at};
    } else if (const auto* const renewal = std::get_if<RenewLease>(&request.action)) {
        bool is_renewed = false;
        change_store([&](ModelStore& store) { is_renewed = store.renew_lease(renewal->epoch, at); });
        request.answer = LeaseRefused{};
        if (is_renewed) request.answer = LeaseGranted{renewal->epoch, request.asked_at};
    } else if (const auto* const reading = std::get_if<ReadEntries>(&request.action)) {
        request.answer = EntriesRead{store_->entries_after(reading->after)};
    } else if (const auto* const entry = std::get_if<Append>(&request.action)) {
        if (store_->has_overtaken(*entry, *rules_)) {
            request.answer = RequestFailed{Request::publish};
            return;
        }
        std::optional<std::string> id;
        change_store([&](ModelStore& store) { id = store.append(market(), *entry, *rules_); });
        if (id) note_published(entry->change);
        request.answer = AppendAnswered{std::move(id), entry->change};
    } else if (request.snapshot) {
        auto entries = store_->entries_after(request.snapshot->id);
        request.answer = BoardLoaded{std::move(request.snapshot), std::move(entries)};
        request.snapshot.reset();
    } else if (store_->snapshot) {
        request.snapshot = store_->snapshot;
    } else {
        request.answer = BoardLoaded{};
    }
}

/// What every replica must serve under the version of this entry.
void World::note_published(const BoardChange& change) {
    auto history = std::make_shared<History>(*history_);
    for (const auto& quote : change.quotes)
        history->content[index(quote.direction)] = static_cast<std::uint64_t>(quote.value.units());
    for (const auto& lost : change.lost) history->content[index(lost.direction)] = 0;
    const auto [known, is_new] = history->versions.emplace(change.version, history->content);
    if (!is_new && known->second != history->content)
        note_broken("two entries of the log have one version and different values");
    history->digest.add(change.version);
    for (const auto value : history->content) history->digest.add(value);
    const auto digest = history->digest;
    history_ = pools_->histories.share(std::move(history), digest);
}

void World::carry_out_stray(std::size_t position) {
    auto request = std::move(strays_[position]);
    strays_.erase(strays_.begin() + static_cast<std::ptrdiff_t>(position));
    if (const auto* const release_lease = std::get_if<ReleaseLease>(&request.action))
        return change_store([&](ModelStore& store) { store.release_lease(release_lease->epoch); });
    execute(request);
}

/// Requests that were sent may be carried out later.
void World::end_process(std::size_t replica) {
    change(replica, [&](Process& process) {
        process.is_up = process.is_due = process.is_frozen = false;
        for (auto& request : process.requests) {
            const bool is_sent = request && !request->answer && process.link != Link::refusing;
            if (is_sent && may_take_effect_later(request->action)) strays_.push_back(*std::move(request));
            request.reset();
        }
    });
}

void World::mend_all() {
    strays_.clear();
    for (std::uint8_t i = 0; i < replica_count; ++i) {
        if (!processes_[i]->is_up) apply({restart, i});
        change(i, [](Process& process) {
            process.is_frozen = false;
            process.link = Link::open;
            process.offset = {};
            for (auto& request : process.requests) {
                if (request) request->is_held = false;
            }
        });
    }
}

void World::run_slot() {
    bool is_idle = false;
    while (!is_idle) {
        is_idle = true;
        for (std::uint8_t i = 0; i < replica_count; ++i) {
            for (; has_step(i); is_idle = false) make_step(i);
        }
    }
    begin_slot();
    actor_ = -1;
}

}  // namespace kurs::model
