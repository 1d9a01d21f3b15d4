#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/json_parts.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/exports/exports.hpp"
#include "kurs/venue/setting.hpp"

namespace kurs {

/// Reads one export of the document. Problems are collected; a part with a problem is left out.
class ExportReader {
public:
    /// Adds to `sources` those of reserves that are not yet among them.
    ExportReader(const std::string& name, const MarketMap& map, std::vector<exports::ReserveSource>& sources,
                 std::vector<Problem>& problems);

    exports::Export read(const Json& entry);

    void problem(std::string where, std::string value, std::string rule);

private:
    struct KnownCode {
        exports::Code code;
        std::string asset;  ///< whose price it has
    };

    void read_format(const Json& entry);
    void read_access(const Json& entry);
    void read_exchanger(const Json& entry);
    void read_codes(const Json& entry);
    void read_code(const std::string& asset, const std::string& name);
    void read_digits(const Json& entry);
    void read_reserves(const Json& entry);
    std::optional<std::size_t> read_source(const Json& entry, const std::string& where);
    void read_items(const Json& entry);
    void add_all_items();

    // Of an item. `where` names it.
    void read_item(const Json& entry, const std::string& where);
    const KnownCode* read_item_code(const Json& entry, const std::string& where, const std::string& key);
    bool settle_direction(exports::Item& item, const KnownCode& from, const KnownCode& to,
                          const std::string& where);
    void check_direction(const Json& entry, const exports::Item& item, const std::string& where);
    void read_tiers(const Json& entry, exports::Item& item, const std::string& where);
    void read_terms(const Json& entry, exports::Item& item, const std::string& where);
    void check_item(const exports::Item& item, const std::string& where);

    std::uint32_t read_markup(const Json& entry, const std::string& where, std::uint32_t otherwise);
    std::vector<exports::Fee> read_fees(const Json& entry, const std::string& where, const std::string& key);
    std::optional<Rate> read_amount(const Json& entry, const std::string& where, const std::string& key,
                                    const exports::Code& code);
    std::optional<unsigned> read_minutes(const Json& entry, const std::string& where, const std::string& key);
    std::optional<exports::Floating> read_floating(const Json& entry, const std::string& where);

    const MarketMap& map_;
    std::vector<exports::ReserveSource>& sources_;
    std::vector<Problem>& problems_;
    exports::Export made_;
    std::vector<KnownCode> codes_;
    std::uint32_t markup_ppb_ = 0;  ///< of items without one of their own
};

}  // namespace kurs
