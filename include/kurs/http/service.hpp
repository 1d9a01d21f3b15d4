#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/board/journal.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/http/answer.hpp"
#include "kurs/http/courses_cache.hpp"
#include "kurs/http/line_report.hpp"
#include "kurs/http/request.hpp"

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
    /// Whether no other copy shows anything newer, as far as can be known; without it, always.
    std::function<bool(TimePoint)> is_current = {};
};

/// An answer for which history must be asked first.
struct PendingAnswer {
    HistoryQuestion question;
    std::optional<Duration> max_age = {};  ///< of a course
    bool is_csv = false;                   ///< of candles: else JSON
    bool is_head = false;
};

using ServiceAnswer = std::variant<Reply, PendingAnswer>;

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

    const CoursesCache& courses_cache() const { return courses_; }

private:
    /// A request, taken apart.
    struct Asked {
        const Request& request;
        std::string_view parameter;  ///< what follows the served path
        std::string_view query;
    };
    struct ServedPath;
    static const ServedPath served_paths[];

    ServiceAnswer reply_to(const Request& request, TimePoint now);
    ServiceAnswer get_courses(const Asked& asked, TimePoint now);
    ServiceAnswer redirect_to_courses(const Asked& asked, TimePoint now);
    ServiceAnswer get_courses_v2(const Asked& asked, TimePoint now);
    ServiceAnswer get_course(const Asked& asked, TimePoint now);
    ServiceAnswer get_candles(const Asked& asked, TimePoint now);
    ServiceAnswer get_exchangers(const Asked& asked, TimePoint now);
    ServiceAnswer get_live(const Asked& asked, TimePoint now);
    ServiceAnswer get_ready(const Asked& asked, TimePoint now);

    Reply show_candles(const PendingAnswer& pending, const CandlesQuestion& question, const CandlePage& page);
    Reply preflight(const std::string& allowed_methods);
    Reply keep(Answer answer);

    ServiceSources sources_;
    bool has_cors_;
    AnswerWriter writer_;
    CoursesCache courses_;
    Answer latest_;  ///< the last answer that is not in the cache
};

}  // namespace kurs::http
