#include "kurs/app/replay.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <deque>
#include <iostream>
#include <optional>
#include <utility>

#include "kurs/api/api.hpp"
#include "kurs/app/recording.hpp"
#include "kurs/app/venues.hpp"
#include "kurs/app/version.hpp"
#include "kurs/board/change_collector.hpp"
#include "kurs/boardlog/change_text.hpp"
#include "kurs/boardlog/slots.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/ingest/replay.hpp"

namespace kurs {
namespace {

constexpr auto replay_usage =
    "kurs: usage: kurs replay FILE [--at=TIME [--explain | --get=TARGET]]; TIME is RFC 3339, such as "
    "2026-11-30T14:03:00Z\n";

struct Options {
    std::string file;
    std::optional<TimePoint> at;
    bool explains = false;
    std::string target;
};

std::optional<Options> parse_options(const std::vector<std::string>& arguments) {
    constexpr std::string_view at = "--at=";
    constexpr std::string_view get = "--get=";
    Options options;
    for (const auto& argument : arguments) {
        if (argument.starts_with(at)) {
            const auto time = parse_rfc3339(std::string_view(argument).substr(at.size()));
            if (!time) return std::nullopt;
            options.at = *time;
        } else if (argument.starts_with(get)) {
            options.target = argument.substr(get.size());
        } else if (argument == "--explain") {
            options.explains = true;
        } else if (options.file.empty() && !argument.starts_with("-")) {
            options.file = argument;
        } else {
            return std::nullopt;
        }
    }
    const bool asks = options.explains || !options.target.empty();
    if (options.file.empty() || asks != options.at.has_value()) return std::nullopt;
    return options;
}

/// The board as it was served: at once by a standalone process, in slots by replicas.
class ServedBoard {
public:
    ServedBoard(const MarketMap& map, const Settings& settings,
                std::function<void(const BoardChange&)> on_change)
        : board_(map, settings.failback_after),
          on_change_(std::move(on_change)),
          slots_{settings.board_slot, settings.board_delay} {}

    void begin(const BoardChange& published, Duration delay) {
        board_.apply(published);
        version_ = published.version;
        is_shared_ = delay > Duration{0};
    }

    void append(BoardChange change, TimePoint at) {
        if (!is_shared_) {
            change.version = ++version_;
            change.visible_at = at;
            return serve(std::move(change));
        }
        follow(at);
        slot_ = slots_.slot_of(at) + slots_.length;
        written_.add(std::move(change));
    }

    /// Serves what is due at this time.
    void follow(TimePoint now) {
        if (is_shared_ && slot_ && now >= *slot_) publish(*std::exchange(slot_, std::nullopt));
        while (!unserved_.empty() && unserved_.front().visible_at <= now) {
            serve(std::move(unserved_.front()));
            unserved_.pop_front();
        }
    }

    const Board& board() const { return board_; }
    const FailoverHistory& failovers() const { return failovers_; }

private:
    void publish(TimePoint slot) {
        auto change = written_.take();
        version_ = std::max(version_ + 1, Slots::version_of(slot));
        change.version = version_;
        change.visible_at = slot + slots_.delay;
        unserved_.push_back(std::move(change));
    }

    void serve(BoardChange change) {
        board_.apply(change);
        if (change.active) failovers_.add(*change.active);
        on_change_(change);
    }

    Board board_;
    std::function<void(const BoardChange&)> on_change_;
    FailoverHistory failovers_;
    std::uint64_t version_ = 0;
    bool is_shared_ = false;
    Slots slots_;
    ChangeCollector written_;
    std::optional<TimePoint> slot_;  ///< in which `written_` is published
    std::deque<BoardChange> unserved_;
};

/// A recording while it is replayed.
class Run {
public:
    Run(const RecordedConfiguration& recorded, bool prints)
        : map_(recorded.market.map),
          venues_(recorded.market.venues, recorded.settings.values, map_),
          served_(map_, recorded.settings,
                  [this, prints](const BoardChange& change) {
                      if (prints) std::cout << to_text(map_, change) << "\n";
                  }),
          replay_({.map = map_,
                   .failback_after = recorded.settings.failback_after,
                   .feeds = venues_.make_feeds(),
                   .on_begin = [this](const BoardChange& published,
                                      Duration delay) { served_.begin(published, delay); },
                   .append = [this](BoardChange change,
                                    TimePoint at) { served_.append(std::move(change), at); }}) {}

    tape::Result<void> take(const tape::Record& record) {
        if (record.at != TimePoint{}) {
            if (!first_) first_ = record.at;
            last_ = record.at;
            served_.follow(record.at);
        }
        return replay_.take(record);
    }

    std::optional<TimePoint> first() const { return first_; }
    TimePoint last() const { return last_; }

    void print_summary(Duration took) const {
        const Duration length = first_ ? last_ - *first_ : Duration{};
        std::cerr << "kurs: replayed " << replay_.frames() << " frames and responses of "
                  << length.count() / 1000 << " s in " << took.count() << " ms: " << replay_.changes()
                  << " changes, all as recorded\n";
    }

    /// Prints the response to GET as a client got it then. False: it is an error.
    bool print(const std::string& target, TimePoint now) {
        served_.follow(now);
        api::Api api({.board = served_.board(),
                      .failovers = served_.failovers(),
                      .not_ready = [] { return std::vector<std::string>(); },
                      .feeds = [] { return std::vector<FeedReport>(); },
                      .on_requested = [](VenueId, TimePoint) {},
                      .pricing = [this, now] { return replay_.report(now); },
                      .version = build_version},
                     "");
        const auto outcome = api.answer({.target = target, .if_none_match = {}}, now);
        const auto* const response = std::get_if<api::ResponseView>(&outcome);
        if (!response) {
            std::cerr << "kurs: a recording cannot answer " << target << "\n";
            return false;
        }
        std::cout << response->body << "\n";
        return response->status == 200;
    }

    bool explain(TimePoint now) {
        bool has_all = true;
        for (const auto& direction : map_.directions)
            has_all &= print("/api/v2/courses/" + direction.text() + "/explain", now);
        return has_all;
    }

private:
    const MarketMap& map_;
    Venues venues_;
    ServedBoard served_;
    Replay replay_;
    std::optional<TimePoint> first_;
    TimePoint last_{};
};

int fail(const Options& options, const std::string& text) {
    std::cerr << "kurs: " << options.file << ": " << text << "\n";
    return 1;
}

int run(const Options& options, tape::Reader reader) {
    const auto started_at = std::chrono::steady_clock::now();
    const auto head = reader.next();
    if (!head) return fail(options, head.error().text);
    if (!*head) return fail(options, "is empty");
    std::vector<Problem> problems;
    const auto recorded = read_recorded(**head, problems);
    for (const auto& problem : problems) std::cerr << "kurs: " << to_string(problem) << "\n";
    if (!recorded) return fail(options, "cannot be replayed");

    Run run(*recorded, !options.at);
    bool is_reached = false;
    for (;;) {
        const auto record = reader.next();
        if (!record) return fail(options, record.error().text);
        if (!*record) break;
        is_reached = options.at && (**record).at > *options.at;
        if (is_reached) break;
        if (const auto taken = run.take(**record); !taken) return fail(options, taken.error().text);
    }
    if (reader.is_cut()) std::cerr << "kurs: " << options.file << ": ends within a record\n";
    if (!options.at) {
        const auto took = std::chrono::steady_clock::now() - started_at;
        run.print_summary(std::chrono::duration_cast<Duration>(took));
        return 0;
    }
    if (!run.first()) return fail(options, "records no time");
    if (!is_reached || *options.at < *run.first())
        return fail(options,
                    "records " + to_rfc3339(*run.first()) + " to " + to_rfc3339(run.last()) + " only");
    const bool has_answer =
        options.explains ? run.explain(*options.at) : run.print(options.target, *options.at);
    return has_answer ? 0 : 1;
}

}  // namespace

int replay(const std::vector<std::string>& arguments) {
    const auto options = parse_options(arguments);
    if (!options) return std::cerr << replay_usage, 2;
    spdlog::set_level(spdlog::level::off);  // what the service logged then
    auto reader = tape::Reader::open(options->file);
    if (!reader) return fail(*options, reader.error().text);
    return run(*options, *std::move(reader));
}

}  // namespace kurs
