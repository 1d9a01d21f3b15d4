#include "binance_payloads.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sim {
namespace {

constexpr auto day_length = std::chrono::hours{24};

std::string quote_volume(const Listing& listing) {
    const auto mean = approximate(listing.day.open) / 2 + approximate(listing.last.price) / 2;
    return fmt::format("{:.8f}", approximate(listing.day.volume) * mean);
}

/// Replaces the digits after each `key` with the result of `change`.
template <class Change>
std::string change_numbers(std::string payload, std::string_view key, Change change) {
    for (auto at = payload.find(key); at != std::string::npos; at = payload.find(key, at + 1)) {
        const auto begin = at + key.size();
        auto end = begin;
        while (end < payload.size() && payload[end] >= '0' && payload[end] <= '9') ++end;
        if (end == begin) continue;
        payload.replace(begin, end - begin, change(payload.substr(begin, end - begin)));
    }
    return payload;
}

}  // namespace

std::string book_ticker_payload(const Listing& listing) {
    const auto& book = listing.book;
    return fmt::format(R"({{"u":{},"s":"{}","b":"{}","B":"{}","a":"{}","A":"{}"}})", book.update_id,
                       listing.instrument.symbol, to_string(book.bid), to_string(book.bid_quantity),
                       to_string(book.ask), to_string(book.ask_quantity));
}

std::string mini_ticker_payload(const Listing& listing, Instant now) {
    const auto& day = listing.day;
    return fmt::format(
        R"({{"e":"24hrMiniTicker","E":{},"s":"{}","c":"{}","o":"{}","h":"{}","l":"{}","v":"{}","q":"{}"}})",
        to_unix_ms(now), listing.instrument.symbol, to_string(listing.last.price), to_string(day.open),
        to_string(day.high), to_string(day.low), to_string(day.volume), quote_volume(listing));
}

std::string ticker_payload(const Listing& listing, Instant now) {
    const auto& [instrument, book, last, day, pinned, replayed] = listing;
    const auto change = last.price - day.open;
    const auto percent = 100 * approximate(change) / approximate(day.open);
    const auto opened =
        fmt::format(R"({{"e":"24hrTicker","E":{},"s":"{}","p":"{}","P":"{:.3f}","w":"{}","x":"{}",)",
                    to_unix_ms(now), instrument.symbol, to_string(change), percent,
                    to_string(average_price(listing)), to_string(day.open));
    const auto top =
        fmt::format(R"("c":"{}","Q":"{}","b":"{}","B":"{}","a":"{}","A":"{}",)", to_string(last.price),
                    to_string(last.quantity), to_string(book.bid), to_string(book.bid_quantity),
                    to_string(book.ask), to_string(book.ask_quantity));
    const auto range =
        fmt::format(R"("o":"{}","h":"{}","l":"{}","v":"{}","q":"{}",)", to_string(day.open),
                    to_string(day.high), to_string(day.low), to_string(day.volume), quote_volume(listing));
    return opened + top + range +
           fmt::format(R"("O":{},"C":{},"F":{},"L":{},"n":{}}})", to_unix_ms(now - day_length),
                       to_unix_ms(now), last.id - 500'000, last.id, 500'001);
}

Amount average_price(const Listing& listing) {
    return {listing.book.bid.units / 2 + listing.book.ask.units / 2};
}

std::string average_price_payload(const Listing& listing, Instant now) {
    return fmt::format(R"({{"e":"avgPrice","E":{},"s":"{}","i":"5m","w":"{}","T":{}}})", to_unix_ms(now),
                       listing.instrument.symbol, to_string(average_price(listing)),
                       to_unix_ms(listing.last.at));
}

std::string trade_payload(const Listing& listing, const Trade& trade) {
    return fmt::format(
        R"({{"e":"trade","E":{0},"s":"{1}","t":{2},"p":"{3}","q":"{4}","T":{0},"m":{5},"M":true}})",
        to_unix_ms(trade.at), listing.instrument.symbol, trade.id, to_string(trade.price),
        to_string(trade.quantity), trade.buyer_is_maker);
}

std::string aggregate_trade_payload(const Listing& listing, const Trade& trade) {
    return fmt::format(
        R"({{"e":"aggTrade","E":{0},"s":"{1}","a":{2},"p":"{3}","q":"{4}","f":{2},"l":{2},"T":{0},"m":{5},"M":true}})",
        to_unix_ms(trade.at), listing.instrument.symbol, trade.id, to_string(trade.price),
        to_string(trade.quantity), trade.buyer_is_maker);
}

std::string in_microseconds(const std::string& payload) {
    auto document = nlohmann::ordered_json::parse(payload, nullptr, false);
    if (!document.is_object() || !document.contains("e")) return payload;  // bookTicker has no time
    for (const char* key : {"E", "T", "O", "C"}) {
        if (document.contains(key) && document[key].is_number_integer())
            document[key] = document[key].get<std::int64_t>() * 1000;
    }
    return document.dump();
}

std::string with_event_time(std::string payload, Instant now) {
    const auto present = [now](const std::string&) { return std::to_string(to_unix_ms(now)); };
    return change_numbers(std::move(payload), R"("E":)", present);
}

std::string with_later_update_id(std::string payload, std::int64_t shift) {
    const auto later = [shift](const std::string& digits) {
        return std::to_string(std::stoll(digits) + shift);
    };
    return change_numbers(std::move(payload), R"("u":)", later);
}

}  // namespace sim
