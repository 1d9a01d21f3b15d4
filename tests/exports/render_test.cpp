#include "kurs/exports/render.hpp"

#include <gtest/gtest.h>

#include "exports/item_fixture.hpp"

namespace kurs::exports {
namespace {

std::string document_of(Format format, const std::vector<Item>& items) {
    std::vector<PublishedItem> published;
    for (const auto& item : items) published.push_back({&item, *make_offer(item, &usdt_rub(), {}, noon)});
    return render(format, published);
}

/// An item that has everything.
Item full_sale() {
    auto item = sale();
    item.to.reserve = rate("1500000");
    item.tiers = {{rate("1000"), 15'000'000}, {std::nullopt, 12'000'000}};
    item.min = rate("100");
    item.max = rate("20000");
    item.from_fees = {{rate("0.5"), true}, {rate("1"), false}};
    item.to_fees = {{rate("10"), false}};
    item.labels = {"manual", "verifying"};
    item.floating = Floating{15, rate("1")};
    item.delay_minutes = 10;
    return item;
}

Item cash_purchase() {
    auto item = purchase();
    item.from.name = "CASHRUB";
    item.to.reserve = rate("50000");
    item.tiers = {{std::nullopt, 12'000'000}};
    item.city = "MSK";
    return item;
}

TEST(Eref, HasBothPairsOfLimitsStepsAndLabels) {
    const auto xml = document_of(Format::eref_1_1, {full_sale(), cash_purchase()});
    EXPECT_EQ(xml,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<rates xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
              "xsi:noNamespaceSchemaLocation=\"https://docs.bestchange.biz/schema/1.1.xsd\" version=\"1\">\n"
              "<item><from>USDTTRC20</from><to>SBPRUB</to><in>1</in><out>78.7</out><amount>1500000</amount>"
              "<frommin>100</frommin><frommax>20000</frommax><fromfee type=\"%\">0.5</fromfee>"
              "<fromfee type=\"abs\">1</fromfee><tofee type=\"abs\">10</tofee>"
              "<floating minutes=\"15\" percent=\"1\"/><delay>10</delay><manual>true</manual>"
              "<verifying>true</verifying>"
              "<step frommin=\"100\" frommax=\"1000\"><in>1</in><out>78.7</out></step>"
              "<step frommin=\"1000\" frommax=\"20000\"><in>1</in><out>78.94</out></step>"
              "<minamount>100</minamount><maxamount>20000</maxamount></item>\n"
              "<item><from>CASHRUB</from><to>USDTTRC20</to><in>81.07</in><out>1</out><amount>50000</amount>"
              "<frommin>0</frommin><frommax>4053500</frommax><city>MSK</city>"
              "<minamount>0</minamount><maxamount>4053500</maxamount></item>\n"
              "</rates>\n");
}

TEST(Xml, HasTheElementsOfVersionOne) {
    auto item = full_sale();
    item.from_fees.pop_back();
    EXPECT_EQ(document_of(Format::xml_1_0, {item, sale()}),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rates>\n"
              "<item><from>USDTTRC20</from><to>SBPRUB</to><in>1</in><out>78.7</out><amount>1500000</amount>"
              "<minamount>100</minamount><maxamount>20000</maxamount><fromfee>0.5%</fromfee>"
              "<tofee>10 SBPRUB</tofee><floating>15, 1%</floating><delay>10</delay>"
              "<param>manual,verifying</param></item>\n"
              "<item><from>USDTTRC20</from><to>SBPRUB</to><in>1</in><out>79.9</out></item>\n"
              "</rates>\n");
}

TEST(Json, WritesWhatIsGivenForOnePlainAndWhatOneGivesNegative) {
    auto bare = sale();
    bare.from.name = "USDTERC20";
    EXPECT_EQ(
        document_of(Format::json_1_3, {full_sale(), cash_purchase(), bare}),
        R"({"version":"1.3","currencies":{"list":{"1":"USDTTRC20","2":"SBPRUB","3":"CASHRUB","4":"USDTERC20"},)"
        R"("amounts":{"1":50000,"2":1500000}},"exchange":{"1":{"to":{"2":{"xr":-78.7,"min":100,"max":20000,)"
        R"("inFee":["+",{"%":0.5},1],"outFee":10,"options":{"manual":1,"ident":1}}}},)"
        R"("3":{"to":{"1":{"xr":81.07,"max":4053500,"cities":["MSK"]}}},"4":{"to":{"2":-79.9}}}})"
        "\n");
}

TEST(Json, WritesAnObjectIfThereIsAnyMoreToTell) {
    const auto exchange = [](const Item& item) {
        const auto json = document_of(Format::json_1_3, {item});
        return json.substr(json.find(R"("2":)", json.find("exchange")));
    };
    const auto with = [&](auto change) {
        auto item = sale();
        change(item);
        return exchange(item);
    };
    EXPECT_EQ(with([](Item& item) { item.min = rate("1"); }), "\"2\":{\"xr\":-79.9,\"min\":1}}}}}\n");
    EXPECT_EQ(with([](Item& item) { item.max = rate("2"); }), "\"2\":{\"xr\":-79.9,\"max\":2}}}}}\n");
    EXPECT_EQ(with([](Item& item) {
                  item.from_fees = {{rate("3"), false}};
              }),
              "\"2\":{\"xr\":-79.9,\"inFee\":3}}}}}\n");
    EXPECT_EQ(with([](Item& item) {
                  item.to_fees = {{rate("4"), true}};
              }),
              "\"2\":{\"xr\":-79.9,\"outFee\":{\"%\":4}}}}}}\n");
    EXPECT_EQ(with([](Item& item) { item.labels = {"reg"}; }),
              "\"2\":{\"xr\":-79.9,\"options\":{\"auth\":1}}}}}}\n");
    EXPECT_EQ(with([](Item& item) { item.city = "MSK"; }), "\"2\":{\"xr\":-79.9,\"cities\":[\"MSK\"]}}}}}\n");
    EXPECT_EQ(with([](Item&) {}), "\"2\":-79.9}}}}\n");
}

TEST(Txt, HasOneLineForEachItem) {
    EXPECT_EQ(document_of(Format::txt, {full_sale(), cash_purchase(), sale()}),
              "USDTTRC20;SBPRUB;1;78.7;1500000;;\nCASHRUB;USDTTRC20;81.07;1;50000;MSK;\n"
              "USDTTRC20;SBPRUB;1;79.9;;;\n");
}

TEST(Iex, HasTheAmountForOneUnitInQuotes) {
    auto bought = purchase();
    bought.from.rate_places = 12;
    EXPECT_EQ(document_of(Format::iex_json, {sale(), bought}),
              "{\"USDTTRC20 - SBPRUB\":\"79.9\",\"SBPRUB - USDTTRC20\":\"0.012484394506866416\"}\n");
    EXPECT_EQ(document_of(Format::iex_txt, {sale()}), "USDTTRC20 - SBPRUB : 79.9\n");
}

TEST(EveryFormat, IsWellFormedWithoutItems) {
    EXPECT_EQ(document_of(Format::xml_1_0, {}),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rates>\n</rates>\n");
    EXPECT_TRUE(document_of(Format::eref_1_1, {}).ends_with(" version=\"1\">\n</rates>\n"));
    EXPECT_EQ(document_of(Format::json_1_3, {}),
              R"({"version":"1.3","currencies":{"list":{},"amounts":{}},"exchange":{}})"
              "\n");
    EXPECT_EQ(document_of(Format::txt, {}), "");
    EXPECT_EQ(document_of(Format::iex_json, {}), "{}\n");
}

TEST(ExchangerCms, StatesBothAmountsOfEachPair) {
    auto dear = full_sale();
    dear.from_fees.clear();
    dear.to_fees.clear();
    EXPECT_EQ(document_of(Format::exchanger_cms, {dear, cash_purchase()}),
              R"({"success":true,"result":{"USDTTRC20SBPRUB":[1,78.7],"CASHRUBUSDTTRC20":[81.07,1]}})"
              "\n");
    EXPECT_EQ(document_of(Format::exchanger_cms, {}), "{\"success\":false,\"result\":false}\n");
    EXPECT_EQ(content_type(Format::exchanger_cms), "application/json");
    EXPECT_TRUE(is_posted(Format::exchanger_cms));
    EXPECT_FALSE(is_posted(Format::iex_json));
}

}  // namespace
}  // namespace kurs::exports
