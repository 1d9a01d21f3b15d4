#pragma once

#include <string>
#include <vector>

#include "kurs/config/environment.hpp"

namespace kurs {

/// Removes the variables by which Kubernetes and Docker announce a service NAME (NAME_PORT=tcp://..., and so
/// on). Adds one remark if some of them would have been taken for settings.
void remove_service_links(Environment& process, std::vector<std::string>& remarks);

/// Adds a remark for each name that is not a setting: for all of the file, where the rest belongs to Docker
/// Compose, and for those of the process's environment that resemble a setting.
void remark_unknown_names(const Environment& process, const Environment& file,
                          std::vector<std::string>& remarks);

}  // namespace kurs
