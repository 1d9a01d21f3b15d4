#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kurs/metrics/readings.hpp"

namespace kurs::metrics {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

/// Builds families of readings in order. A family without series is left out.
class Families {
public:
    // Each begins a family. Series added afterwards belong to it.
    void gauge(std::string name, std::string help);
    void counter(std::string name, std::string help);

    void add(Labels labels, double value);

    /// One series per possible name: 1 for the current one, else 0.
    void add(std::vector<Label> labels, std::string_view name, const Choice& choice);

    std::vector<prometheus::MetricFamily> take();

private:
    void begin(prometheus::MetricType type, std::string name, std::string help);
    void put(const Label* labels, std::size_t count, double value);

    std::vector<prometheus::MetricFamily> families_;
};

/// The page's families of readings.
std::vector<prometheus::MetricFamily> to_families(const Readings& readings);

}  // namespace kurs::metrics
