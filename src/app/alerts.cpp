#include "kurs/app/alerts.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <iostream>
#include <utility>

#include "kurs/app/quotes.hpp"
#include "kurs/app/version.hpp"
#include "kurs/domain/duration_text.hpp"
#include "kurs/feed/http_post.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/venue/retry_after.hpp"

namespace kurs {
namespace {

constexpr Duration observe_every = std::chrono::milliseconds(500);
constexpr Duration look_every = std::chrono::milliseconds(200);
constexpr Duration say_again_after = std::chrono::hours(1);

}  // namespace

net::awaitable<std::optional<AlertFailure>> send_alert(const AlertReceiver& receiver, const TlsTrust& trust,
                                                       alerts::Message message, TimePoint now) {
    const auto timestamp = alerts::timestamp_of(now);
    auto body = alerts::body_of(message.alert, receiver.language, now);
    Headers headers{{"Content-Type", "application/json"},
                    {"User-Agent", std::string("kurs/") + build_version},
                    {"webhook-id", message.id},
                    {"webhook-timestamp", timestamp},
                    {"webhook-signature", receiver.secrets.sign(message.id, timestamp, body)}};
    HttpPost request{receiver.endpoint, trust, std::move(headers), std::move(body)};
    auto response = co_await post(std::move(request));
    if (!response) co_return AlertFailure{response.error()};
    if (response->status >= 200 && response->status <= 299) co_return std::nullopt;
    co_return AlertFailure{"status " + std::to_string(response->status),
                           parse_retry_after(response->header("retry-after"), now)};
}

int test_alert(const AlertReceiver& receiver, const TlsTrust& trust) {
    const auto now = Clock().now();
    net::io_context loop;
    int status = 1;
    alerts::Message message{random_uuid(), {"", {alerts::Kind::test, "", ""}, now}};
    net::co_spawn(loop, send_alert(receiver, trust, message, now),
                  [&](std::exception_ptr error, std::optional<AlertFailure> failure) {
                      status = error || failure ? 1 : 0;
                      const auto why = failure ? failure->text : std::string("it cannot be sent");
                      if (status == 0)
                          std::cout << "delivered to " << to_string(receiver.endpoint) << ", webhook-id "
                                    << message.id << "\n";
                      else
                          std::cerr << "kurs: not delivered to " << to_string(receiver.endpoint) << ": "
                                    << why << "\n";
                  });
    loop.run();
    return status;
}

Alerts::Alerts(std::optional<AlertReceiver> receiver, Parts parts)
    : receiver_(std::move(receiver)),
      parts_(std::move(parts)),
      desk_({.after = receiver_ ? receiver_->after : Duration{}}, random_uuid) {}

net::awaitable<void> Alerts::watch() {
    while (receiver_) {
        co_await sleep_for(observe_every);
        if (!parts_.is_sender()) continue;
        const auto now = parts_.clock.now();
        desk_.observe(parts_.find_troubles(), now);
        const auto dropped = desk_.take_dropped();
        if (dropped == 0 || now < say_dropped_at_) continue;
        say_dropped_at_ = now + say_again_after;
        spdlog::warn("alerts: limit reached, dropped={}", dropped);
    }
}

net::awaitable<void> Alerts::tell() {
    while (receiver_) {
        co_await sleep_for(look_every);
        if (!parts_.is_sender()) continue;
        const auto begun_at = parts_.clock.now();
        const auto message = desk_.begin_next(begun_at);
        if (!message) continue;
        const auto& [id, alert, attempt] = *message;
        auto sending = send_alert(*receiver_, parts_.trust, *message, begun_at);
        const auto failure = co_await std::move(sending);
        const auto stop = co_await net::this_coro::cancellation_state;
        if (stop.cancelled() != net::cancellation_type::none) co_return;
        const auto now = parts_.clock.now();
        const auto what = std::string(to_string(alert.trouble.kind)) + (alert.until ? " ended" : " begun");
        if (!failure) {
            desk_.note_delivered(id, now);
            spdlog::info("alerts: delivered, id={}, what={}, subject={}, attempt={}", id, what,
                         alert.trouble.subject, attempt);
            continue;
        }
        const auto wait = desk_.note_failed(id, now, failure->retry_after);
        spdlog::warn("alerts: not delivered, id={}, what={}, subject={}, attempt={}, next_in={}, reason={}",
                     id, what, alert.trouble.subject, attempt, wait ? to_string(*wait) : "never",
                     failure->text);
    }
}

void Alerts::note_failover(const ActiveChange& change) {
    if (!receiver_ || !change.venue) return;
    const auto id = "active-" + std::to_string(change.at.time_since_epoch().count()) + "-" + *change.venue;
    desk_.add({id, {alerts::Kind::exchanger_changed, *change.venue, change.reason}, change.at},
              parts_.clock.now());
}

void Alerts::take_note(std::string_view text) {
    if (receiver_ && !text.empty()) desk_.adopt(text, parts_.clock.now(), parts_.is_sender());
}

}  // namespace kurs
