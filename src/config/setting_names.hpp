#pragma once

#include <string>
#include <vector>

#include "kurs/config/environment.hpp"

namespace kurs {

/// Removes the variables by which Kubernetes and Docker announce a service NAME (NAME_PORT=tcp://..., and so
/// on). Adds one remark if some of them have the names of settings or resemble them.
void remove_service_links(Environment& process, const SettingNames& settings,
                          std::vector<std::string>& remarks);

/// Adds a remark for each unknown name: for names in the file that belong neither to Kurs nor to Docker
/// Compose, and for names in the process's environment that resemble a setting.
void remark_unknown_names(const Environment& process, const Environment& file, const SettingNames& settings,
                          std::vector<std::string>& remarks);

}  // namespace kurs
