#include "kurs/alerts/desk.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

namespace kurs::alerts {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// The waits after failed attempts. After the last one, the receiver has had a message for sixteen hours.
constexpr Duration waits[]{5s, 30s, 2min, 10min, 30min, 1h, 2h, 4h, 8h};

/// The attempt of a writer that has died is repeated after this, and the receiver's limit.
constexpr Duration grace = 2s;

/// How long a closed entry is kept, so that replicas that heard of it do not tell it again.
constexpr Duration closed_kept = 1min;

constexpr std::size_t longest_text = 200;
constexpr std::string_view ended_suffix = "-ended";

/// After these, an old or broken time has no further effect.
constexpr Duration longest_wait = 9h, longest_past = 24h * 365;

/// Whether a message is sent when it is over.
bool has_end(Kind kind) {
    return kind != Kind::exchanger_changed && kind != Kind::test;
}

/// An id stands in a header, and the signature needs it to have no dot.
bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 100 &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

json time_text(const std::optional<TimePoint>& time) {
    return time ? json(time->time_since_epoch().count()) : json();
}

std::optional<TimePoint> read_time(const json& text) {
    if (text.is_null()) return std::nullopt;
    return TimePoint(Duration(text.get_ref<const json::number_integer_t&>()));
}

}  // namespace

Desk::Desk(DeskLimits limits, std::function<std::string()> new_id)
    : limits_(limits), new_id_(std::move(new_id)) {}

void Desk::observe(const std::vector<Trouble>& troubles, TimePoint now) {
    for (const auto& trouble : troubles) {
        const auto is_open = [&](const Entry& entry) {
            return !entry.alert.until && entry.alert.trouble.kind == trouble.kind &&
                   entry.alert.trouble.subject == trouble.subject;
        };
        auto entry = std::ranges::find_if(entries_, is_open);
        if (entry == entries_.end()) {
            if (!has_room_for(trouble.kind)) {
                ++dropped_;
                continue;
            }
            entries_.push_back({{new_id_(), trouble, now}});
            entry = entries_.end() - 1;
        }
        entry->over_since.reset();
        entry->alert.trouble.reason = trouble.reason.substr(0, longest_text);
        if (entry->begun.state == Telling::State::not_due && now - entry->alert.since >= limits_.after)
            entry->begun = {Telling::State::waiting, 0, now};
    }
    for (auto& entry : entries_) {
        const auto& trouble = entry.alert.trouble;
        const auto is_it = [&](const Trouble& other) {
            return other.kind == trouble.kind && other.subject == trouble.subject;
        };
        if (entry.alert.until || !has_end(trouble.kind)) continue;
        if (std::ranges::any_of(troubles, is_it)) continue;
        if (!entry.over_since) entry.over_since = now;
        if (entry.begun.state != Telling::State::not_due && now - *entry.over_since >= limits_.after) {
            entry.alert.until = entry.over_since;
            entry.ended = {Telling::State::waiting, 0, now};
        }
    }
    // No message was sent about these.
    std::erase_if(entries_, [](const Entry& entry) {
        return entry.over_since && entry.begun.state == Telling::State::not_due;
    });
    forget(now);
}

void Desk::add(Alert event, TimePoint now) {
    forget(now);
    const auto is_known = [&](const Entry& entry) { return entry.alert.id == event.id; };
    if (std::ranges::any_of(entries_, is_known)) return;
    if (!has_room_for(event.trouble.kind)) {
        ++dropped_;
        return;
    }
    Entry entry{std::move(event)};
    entry.alert.trouble.reason.resize(std::min(entry.alert.trouble.reason.size(), longest_text));
    entry.begun = {Telling::State::waiting, 0, now};
    entries_.push_back(std::move(entry));
}

bool Desk::has_room_for(Kind kind) const {
    const auto of_exports = std::ranges::count_if(
        entries_, [](const Entry& entry) { return entry.alert.trouble.kind == Kind::export_absent; });
    const bool is_full_of_items = static_cast<std::size_t>(of_exports) >= limits_.alerts / 2;
    return entries_.size() < limits_.alerts && !(kind == Kind::export_absent && is_full_of_items);
}

std::optional<Message> Desk::begin_next(TimePoint now) {
    for (auto& entry : entries_) {
        // The end is sent after the beginning.
        const bool is_begun_told = entry.begun.state == Telling::State::done;
        auto& telling = is_begun_told ? entry.ended : entry.begun;
        if (telling.state != Telling::State::waiting || telling.next_at > now) continue;
        ++telling.attempts;
        telling.next_at = now + limits_.attempt + grace;
        Message message{entry.alert.id, entry.alert, telling.attempts};
        if (is_begun_told)
            message.id += ended_suffix;
        else
            message.alert.until.reset();
        return message;
    }
    return std::nullopt;
}

void Desk::note_delivered(const std::string& message_id, TimePoint now) {
    auto* const telling = find(message_id);
    if (!telling) return;
    telling->state = Telling::State::done;
    for (auto& entry : entries_) settle(entry, now);
}

std::optional<Duration> Desk::note_failed(const std::string& message_id, TimePoint now,
                                          std::optional<Duration> asked) {
    auto* const telling = find(message_id);
    if (!telling) return std::nullopt;
    if (telling->attempts > std::size(waits)) {
        telling->state = Telling::State::done;
        for (auto& entry : entries_) settle(entry, now);
        return std::nullopt;
    }
    const auto wait = std::max(waits[std::max(telling->attempts, 1U) - 1], asked.value_or(Duration{0}));
    telling->next_at = now + wait;
    return wait;
}

Desk::Telling* Desk::find(const std::string& message_id) {
    for (auto& entry : entries_) {
        if (entry.alert.id == message_id) return &entry.begun;
        if (entry.alert.id + std::string(ended_suffix) == message_id) return &entry.ended;
    }
    return nullptr;
}

void Desk::settle(Entry& entry, TimePoint now) const {
    const bool is_end_told = !has_end(entry.alert.trouble.kind) || entry.ended.state == Telling::State::done;
    if (entry.begun.state == Telling::State::done && is_end_told && !entry.closed_at) entry.closed_at = now;
}

void Desk::forget(TimePoint now) {
    std::erase_if(entries_, [=](const Entry& entry) {
        return entry.closed_at && now - *entry.closed_at >= closed_kept;
    });
}

std::string Desk::to_text() const {
    const auto telling_text = [](const Telling& telling) {
        return json{static_cast<int>(telling.state), telling.attempts,
                    telling.next_at.time_since_epoch().count()};
    };
    auto text = json::array();
    for (const auto& [alert, over_since, begun, ended, closed_at] : entries_) {
        text.push_back({{"id", alert.id},
                        {"kind", to_string(alert.trouble.kind)},
                        {"subject", alert.trouble.subject},
                        {"reason", alert.trouble.reason},
                        {"since", time_text(alert.since)},
                        {"until", time_text(alert.until)},
                        {"over", time_text(over_since)},
                        {"begun", telling_text(begun)},
                        {"ended", telling_text(ended)},
                        {"closed", time_text(closed_at)}});
    }
    return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

void Desk::adopt(std::string_view text, TimePoint now, bool is_sender) {
    auto adopted = parse(text, now);
    if (!adopted) return;
    for (auto& own : entries_) {
        const auto same = std::ranges::find_if(
            *adopted, [&](const Entry& other) { return other.alert.id == own.alert.id; });
        const bool is_known = same != adopted->end();
        if (is_known && progress_of(own) > progress_of(*same)) *same = own;
        if (is_known || !outlives(own, now, is_sender)) continue;
        // Of two alerts about the same trouble, the newer one is kept.
        std::erase_if(*adopted, [&](const Entry& other) {
            return is_of_same_trouble(own, other) && other.alert.since < own.alert.since;
        });
        const bool is_there =
            std::ranges::any_of(*adopted, [&](const Entry& other) { return is_of_same_trouble(own, other); });
        if (!is_there && adopted->size() < limits_.alerts) adopted->push_back(own);
    }
    entries_ = *std::move(adopted);
}

/// An event of the last seconds may be missing from the writer's state. An alert whose beginning this replica
/// has sent while it was standalone needs an end.
bool Desk::outlives(const Entry& own, TimePoint now, bool is_sender) {
    if (!has_end(own.alert.trouble.kind)) return now - own.alert.since < closed_kept / 2;
    return is_sender && own.begun.state != Telling::State::not_due && !own.closed_at;
}

bool Desk::is_of_same_trouble(const Entry& one, const Entry& other) {
    const auto& [kind, subject, reason] = one.alert.trouble;
    return has_end(kind) && !one.alert.until && !other.alert.until && other.alert.trouble.kind == kind &&
           other.alert.trouble.subject == subject;
}

/// Grows with each message.
std::tuple<bool, Desk::Telling::State, unsigned, Desk::Telling::State, unsigned> Desk::progress_of(
    const Entry& entry) {
    return {entry.closed_at.has_value(), entry.ended.state, entry.ended.attempts, entry.begun.state,
            entry.begun.attempts};
}

/// The text may be of another version, or written before the clock was set back.
std::optional<std::vector<Desk::Entry>> Desk::parse(std::string_view text, TimePoint now) const {
    const auto read_telling = [now](const json& read) {
        const auto state = read.at(0).get<unsigned>();
        if (state > static_cast<unsigned>(Telling::State::done)) throw std::out_of_range("state");
        return Telling{static_cast<Telling::State>(state), read.at(1).get<unsigned>(),
                       std::min(read_time(read.at(2)).value(), now + longest_wait)};
    };
    const auto read_past = [now](const json& read) {
        const auto time = read_time(read);
        return time ? std::optional(std::clamp(*time, now - longest_past, now)) : std::nullopt;
    };
    std::vector<Entry> entries;
    try {
        for (const auto& read : json::parse(text)) {
            const auto kind = parse_kind(read.at("kind").get_ref<const std::string&>());
            Entry entry{
                {read.at("id").get<std::string>(),
                 {kind.value_or(Kind::test), read.at("subject").get<std::string>().substr(0, longest_text),
                  read.at("reason").get<std::string>().substr(0, longest_text)},
                 read_past(read.at("since")).value(),
                 read_past(read.at("until"))},
                read_past(read.at("over")),
                read_telling(read.at("begun")),
                read_telling(read.at("ended")),
                read_past(read.at("closed"))};
            const auto is_same = [&](const Entry& other) { return other.alert.id == entry.alert.id; };
            const bool is_new = std::ranges::none_of(entries, is_same);
            if (kind && is_id(entry.alert.id) && is_new && entries.size() < limits_.alerts)
                entries.push_back(std::move(entry));
        }
    } catch (const std::exception&) {  // from nlohmann_json, or for an unknown state
        return std::nullopt;
    }
    return entries;
}

}  // namespace kurs::alerts
