#include <pqxx/connection>
#include <pqxx/result>
#include <pqxx/transaction>

#include "kurs/postgres/migrations.hpp"
#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

std::string text_of(const std::vector<Row>& rows) {
    std::string text;
    for (const auto& row : rows) {
        for (const auto& cell : row) text += cell + " ";
        text += "\n";
    }
    return text;
}

history::QuoteRecord rub_at(TimePoint at, std::string_view value) {
    auto record = btc_at(at, value);
    record.direction = record.quote->direction = btc_rub;
    record.quote->legs.push_back({tether_rub, false, rate("81.52"), rate("81.57"), at - 200ms});
    return record;
}

struct PacksTest : ArchiveTest {
    std::string packs(const std::string& columns) {
        return text_of(database.query("select " + columns + " from quote_packs order by venue, second"));
    }
    std::string values() {
        return text_of(database.query(
            "select direction, value from named_quotes where venue = 'binance' order by second, direction"));
    }
};

TEST_F(PacksTest, HoldTheQuotesOfAVenueAndSecondAndTheirLegsOnce) {
    save({btc_at(noon, "7"), rub_at(noon, "567"), quote_at(noon, coingecko, btc_usd, "8")});
    EXPECT_EQ(packs("venue, cardinality(series), cardinality(observed_at)"),
              "binance 2 5 \n"
              "coingecko 1 1 \n")
        << "two quotes and three legs";
    EXPECT_EQ(values(), "BTC-RUB 567 \nBTC-USD 7 \n");
}

TEST_F(PacksTest, KeepAValueThatIsNotTheMidOfItsPricesToTheDigit) {
    auto record = btc_at(noon, "7.000000000000000001");
    record.quote->bid = rate("7");
    record.quote->ask = rate("7.000000000000000001");
    auto even = rub_at(noon, "7.5");
    even.quote->bid = rate("7");
    even.quote->ask = rate("8");
    save({record, even});
    EXPECT_EQ(values(), "BTC-RUB 7.5 \nBTC-USD 7.000000000000000001 \n");
    EXPECT_EQ(packs("array_to_string(array_remove(mids, null), ' ')"), "7.000000000000000001 \n");
}

TEST_F(PacksTest, KeepEqualLegsOfDifferentMomentsApart) {
    save({btc_at(noon, "7"), rub_at(noon + 500ms, "567")});
    EXPECT_EQ(text_of(database.query(
                  "set timezone = 'UTC'; select direction, leg ->> 'observed_at' from named_quotes,"
                  " jsonb_array_elements(legs) as leg where leg ->> 'symbol' = 'BTCUSDT'"
                  " order by direction")),
              "BTC-RUB 2026-11-21T12:00:00.4+00:00 \n"
              "BTC-USD 2026-11-21T11:59:59.9+00:00 \n");
}

TEST_F(PacksTest, MergeASecondThatIsWrittenInTwoBatches) {
    EXPECT_EQ(save({btc_at(noon, "7")}), 1U);
    EXPECT_EQ(save({rub_at(noon + 1ms, "567")}), 1U);
    EXPECT_EQ(values(), "BTC-RUB 567 \nBTC-USD 7 \n");
    EXPECT_EQ(save({loss_at(noon + 2ms)}), 1U);
    EXPECT_EQ(values(), "BTC-RUB 567 \nBTC-USD null \n");
    EXPECT_EQ(packs("cardinality(series)"), "2 \n");
}

TEST_F(PacksTest, KeepTheSeriesThatAnotherReplicaDoesNotRecord) {
    EXPECT_EQ(save({btc_at(noon, "7"), rub_at(noon, "567")}), 2U);
    EXPECT_EQ(save({btc_at(noon + 5ms, "8")}), 1U);
    EXPECT_EQ(values(), "BTC-RUB 567 \nBTC-USD 8 \n");
    EXPECT_EQ(save({btc_at(noon, "7"), rub_at(noon + 9ms, "568")}), 1U) << "only what is newer";
    EXPECT_EQ(values(), "BTC-RUB 568 \nBTC-USD 8 \n");
}

TEST_F(PacksTest, AreNotTouchedByRowsThatAreThere) {
    const std::vector records{btc_at(noon, "7"), rub_at(noon, "567"), btc_at(noon + 1s, "9"),
                              loss_at(noon + 2s)};
    save(records);
    const auto before = packs("xmin, ctid");
    EXPECT_EQ(save(records), 0U);
    EXPECT_EQ(save({btc_at(noon, "6")}), 0U);
    EXPECT_EQ(packs("xmin, ctid"), before);
}

TEST_F(PacksTest, HoldManySeriesAndLegs) {
    std::vector<history::QuoteRecord> records;
    for (int i = 0; i < 100; ++i) {
        map.directions.push_back(direction("X" + std::to_string(i) + "-USD"));
        auto record = btc_at(noon + 1ms * i, std::to_string(i + 1));
        record.direction = record.quote->direction =
            DirectionId(static_cast<std::uint16_t>(map.directions.size() - 1));
        records.push_back(record);
    }
    EXPECT_EQ(save(records), 100U);
    EXPECT_EQ(
        database.value("select count(*) from named_quotes where direction = 'X' || (value - 1) || '-USD'"
                       " and (legs -> 0 ->> 'observed_at')::timestamptz = recorded_at - interval '100 ms'"),
        "100");
}

/// A database of the version that had a row for each quote: two series with legs and losses for 4000 seconds
/// up to midnight and 100 after it.
struct EarlierQuotesTest : DatabaseTest {
    MarketMap map = small_market();
    std::unique_ptr<history::Archive> archive;
    TimePoint midnight = std::chrono::ceil<std::chrono::days>(noon);

    EarlierQuotesTest() {
        migrate(database.url(), migrations().first(1)).value();
        database.query(R"(
            set timezone = 'UTC';
            insert into series (venue, direction) values ('binance', 'BTC-USD'), ('binance', 'BTC-RUB');
            insert into routes (legs) values
                ('[{"venue": "binance", "symbol": "BTCUSDT", "inverted": false}]'),
                ('[{"venue": "binance", "symbol": "BTCUSDT", "inverted": false},
                   {"venue": "coingecko", "symbol": "tether/rub", "inverted": false}]');
            create table quotes_2026_11_21 partition of quotes
            for values from ('2026-11-21T00:00:00Z') to ('2026-11-22T00:00:00Z');
            create table quotes_2026_11_22 partition of quotes
            for values from ('2026-11-22T00:00:00Z') to ('2026-11-23T00:00:00Z');
            insert into quotes
            select second, second + interval '417 milliseconds', second - interval '3 seconds',
                   second + interval '2 seconds', route, route, trim_scale(price * route),
                   trim_scale((price + 0.000000000000000001) * route),
                   trim_scale((price + 0.000000000000000003) * route),
                   (array[price, price + 1, 81.52, 81.57])[:2 * route],
                   (array[second, second - interval '3 seconds'])[:route]
            from generate_series('2026-11-22T00:00:00Z'::timestamptz - interval '4000 seconds',
                                 '2026-11-22T00:00:00Z'::timestamptz + interval '99 seconds', '1 second') as second,
                 (values (1), (2)) as each (route),
                 lateral (select 61234.5 + extract(epoch from second) % 1000 / 7::numeric(30, 18)) as walk (step),
                 lateral (select trim_scale(trunc(step, 18))) as exact (price)
            where extract(epoch from second)::bigint % 100 > 0;
            insert into quotes (second, recorded_at, series_id)
            select distinct second + interval '1 second', second + interval '1 second', 2 from quotes
            where extract(epoch from second)::bigint % 100 = 99)");
    }

    void open() {
        archive = make_archive(database.url(), map, std::chrono::days(36'500));
        archive->open(long_enough).value();
    }
    bool pack_some() { return archive->maintain(noon, long_enough).value(); }

    std::string everything() {
        return text_of(database.query(
                   "set timezone = 'UTC'; select second, recorded_at, observed_at, fresh_until, route_id, "
                   "series_id, bid,"
                   " value, ask, leg_prices, leg_observed_at from quotes order by second, series_id")) +
               text_of(database.query(
                   "select start, series_id, open, close, count from second_candles order by 1, 2")) +
               text_of(
                   database.query("select venue, direction, second, legs from named_quotes order by 3, 2"));
    }
    std::string unpacked() { return database.value("select count(*) from unpacked_quotes"); }
};

TEST_F(EarlierQuotesTest, AreTheSameBeforeDuringAndAfterPacking) {
    const auto before = everything();
    open();
    EXPECT_EQ(unpacked(), "8159");
    int steps = 0;
    do {
        ASSERT_TRUE(everything() == before) << "after " << steps << " steps";
        open();  // each step by another run of the service
        ++steps;
    } while (pack_some() && steps < 20);
    EXPECT_EQ(steps, 6) << "one and two of the days, their removal, and the end";
    EXPECT_TRUE(everything() == before);
    EXPECT_EQ(database.value("select count(*) from quote_packs"), "4100");
    EXPECT_EQ(
        database.value("select count(*) from pg_inherits where inhparent = 'unpacked_quotes'::regclass"),
        "0");
}

TEST_F(EarlierQuotesTest, AnswerTheSameQuestionsBeforeAndAfterPacking) {
    open();
    const auto source = make_history_source(database.url(), map);
    const auto answers = [&] {
        std::string text;
        for (const auto at : {midnight - 4001s, midnight - 3000s, midnight - 50s, midnight - 1s, midnight,
                              midnight + 1h, midnight + 25h}) {
            const CourseQuestion question{binance, btc_rub, at};
            const auto found = std::get<RecordedCourse>(source->find(question, long_enough).value());
            text += found.quote
                        ? to_string(found.quote->value) + "/" + to_string(found.quote->legs.at(1).ask) + " "
                        : "none ";
        }
        for (const auto limit : {5U, 1500U}) {
            const CandlesQuestion question{binance,         btc_usd,       CandleInterval::second,
                                           midnight - 200s, midnight + 1h, limit};
            const auto page = std::get<CandlePage>(source->find(question, long_enough).value());
            for (const auto& candle : to_texts(page)) text += candle + "\n";
        }
        return text;
    };
    const auto before = answers();
    for (int steps = 0; pack_some() && steps < 20; ++steps) EXPECT_EQ(answers(), before);
    EXPECT_EQ(answers(), before);
    EXPECT_EQ(before.substr(0, 5), "none ");
}

TEST_F(EarlierQuotesTest, AreMergedWithALateRowOfTheirSecond) {
    open();
    auto late = btc_at(midnight + 1s + 900ms, "9");
    EXPECT_EQ(archive->save({{late, btc_at(midnight + 2s, "8")}, {}}, long_enough).value(), 1U);
    EXPECT_EQ(unpacked(), "8155") << "both rows of two seconds";
    const std::string value = "select value from named_quotes where direction = 'BTC-USD' and second = ";
    EXPECT_EQ(database.value(value + "'2026-11-22T00:00:01Z'"), "9");
    EXPECT_NE(database.value(value + "'2026-11-22T00:00:02Z'"), "8");
    EXPECT_EQ(
        database.value("select cardinality(series) from quote_packs where second = '2026-11-22T00:00:01Z'"),
        "2");
    for (int steps = 0; pack_some() && steps < 20; ++steps) continue;
    EXPECT_EQ(database.value(value + "'2026-11-22T00:00:01Z'"), "9");
    EXPECT_EQ(database.value("select count(*) from quotes"), "8159");
}

TEST_F(EarlierQuotesTest, OfADayThatIsBeingReadAreDroppedLater) {
    open();
    ASSERT_TRUE(pack_some());
    {
        pqxx::connection connection(database.url());
        pqxx::work reader(connection);
        reader.exec("select * from quotes");
        EXPECT_FALSE(pack_some()) << "the day is empty, but locked";
    }
    EXPECT_TRUE(pack_some());
    EXPECT_EQ(database.value("select to_regclass('quotes_2026_11_22')"), "null");
}

}  // namespace
}  // namespace kurs::postgres
