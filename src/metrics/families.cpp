#include "metrics/families.hpp"

namespace kurs::metrics {

void Families::gauge(std::string name, std::string help) {
    begin(prometheus::MetricType::Gauge, std::move(name), std::move(help));
}

void Families::counter(std::string name, std::string help) {
    begin(prometheus::MetricType::Counter, std::move(name), std::move(help));
}

void Families::add(Labels labels, double value) {
    put(labels.begin(), labels.size(), value);
}

void Families::add(std::vector<Label> labels, std::string_view name, const Choice& choice) {
    for (const auto& each : choice.of) {
        labels.emplace_back(name, each);
        put(labels.data(), labels.size(), each == choice.chosen ? 1 : 0);
        labels.pop_back();
    }
}

std::vector<prometheus::MetricFamily> Families::take() {
    std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
    return std::exchange(families_, {});
}

void Families::begin(prometheus::MetricType type, std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), type, {}});
}

void Families::put(const Label* labels, std::size_t count, double value) {
    auto& family = families_.back();
    auto& series = family.metric.emplace_back();
    for (std::size_t i = 0; i < count; ++i)
        series.label.push_back({std::string(labels[i].first), std::string(labels[i].second)});
    if (family.type == prometheus::MetricType::Counter) {
        series.counter.value = value;
    } else {
        series.gauge.value = value;
    }
}

}  // namespace kurs::metrics
