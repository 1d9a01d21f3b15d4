#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/board/journal.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/http/answer.hpp"
#include "kurs/http/asset.hpp"
#include "kurs/http/courses_cache.hpp"
#include "kurs/http/line_report.hpp"
#include "kurs/http/request.hpp"
#include "kurs/http/subscription.hpp"

namespace kurs::http {

/// Why the process is not ready to serve; nothing if it is.
using ReadinessCheck = std::function<std::vector<std::string>()>;

/// How it stands with every feed, in the order in which they are shown.
using LineReports = std::function<std::vector<LineReport>()>;

/// What is served. Whatever is referred to must outlive the service.
struct ServiceSources {
    const Board& board;
    const Journal& journal;
    ReadinessCheck not_ready;
    LineReports lines;
    CoursesCache::PinnedWatch on_pinned;  ///< told of each request for courses that names its exchanger
    /// Brings the board to the present, if that is needed.
    std::function<void(TimePoint)> before_answer = {};
    /// Whether what this copy has shown under a version, or will, is what all copies have; without it,
    /// always.
    std::function<bool(std::uint64_t)> is_shared = {};
    /// What /metrics shows, in Prometheus' text format 0.0.4; without it, nothing is served there.
    std::function<std::string()> metrics = {};
    std::span<const Asset> assets = {};
    std::string_view version = {};  ///< of this program, as /openapi.json names it
};

/// An answer for which history must be asked first.
struct PendingAnswer {
    HistoryQuestion question;
    std::optional<Duration> max_age = {};  ///< of a course
    bool is_csv = false;                   ///< of candles: else JSON
    bool is_head = false;
    std::string_view route = {};  ///< as in Reply
};

using ServiceAnswer = std::variant<Reply, PendingAnswer, Subscription>;

/// Turns requests into replies. Knows no socket and no clock.
class Service {
public:
    /// `allowed_origin` is the CORS setting: empty for off, "*", or one origin.
    Service(ServiceSources sources, const std::string& allowed_origin);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    // A reply is valid until the next call of any of these.

    ServiceAnswer answer(const Request& request, TimePoint now);

    /// `history` is the answer to the question that was pending.
    Reply answer(const PendingAnswer& pending, const HistoryAnswer& history);
    Reply refuse(const Problem& problem);

    // For those who are told of changes.
    const Board& board() const { return sources_.board; }
    void follow(TimePoint now) {
        if (sources_.before_answer) sources_.before_answer(now);
    }
    bool is_shared(std::uint64_t version) const { return !sources_.is_shared || sources_.is_shared(version); }
    void note_pinned(VenueId venue, TimePoint now) { sources_.on_pinned(venue, now); }

    const CoursesCache& courses_cache() const { return courses_; }

private:
    /// A request, taken apart.
    struct Asked {
        const Request& request;
        std::string_view path;
        std::string_view parameter;  ///< what follows the served path
        std::string_view query;
    };
    struct ServedPath;
    static const ServedPath served_paths[];

    /// A document that stays as it is, with its 304.
    struct KeptDocument {
        Answer answer;
        Answer not_modified;
        std::string etag;
    };

    ServiceAnswer reply_to(const Request& request, TimePoint now);
    ServiceAnswer get_courses(const Asked& asked, TimePoint now);
    ServiceAnswer redirect_to_courses(const Asked& asked, TimePoint now);
    Reply redirect(std::string_view path, std::string_view query);
    ServiceAnswer get_courses_v2(const Asked& asked, TimePoint now);
    ServiceAnswer get_course(const Asked& asked, TimePoint now);
    ServiceAnswer get_candles(const Asked& asked, TimePoint now);
    ServiceAnswer get_exchangers(const Asked& asked, TimePoint now);
    ServiceAnswer open_event_stream(const Asked& asked, TimePoint now);
    ServiceAnswer open_web_socket(const Asked& asked, TimePoint now);
    ServiceAnswer get_asset(const Asked& asked, TimePoint now);
    ServiceAnswer get_openapi(const Asked& asked, TimePoint now);
    ServiceAnswer get_metrics(const Asked& asked, TimePoint now);
    ServiceAnswer get_live(const Asked& asked, TimePoint now);
    ServiceAnswer get_ready(const Asked& asked, TimePoint now);

    std::string render_openapi() const;
    Reply show_candles(const PendingAnswer& pending, const CandlesQuestion& question, const CandlePage& page);
    Reply preflight(const std::string& allowed_methods);
    Reply keep(Answer answer);

    ServiceSources sources_;
    std::string allowed_origin_;
    bool has_cors_;
    AnswerWriter writer_;
    CoursesCache courses_;
    std::optional<KeptDocument> openapi_;  ///< once it was asked for
    Answer latest_;                        ///< the last answer that is not in the cache
};

}  // namespace kurs::http
