// What is in a target, as far as that can be seen from outside.
#pragma once

#include <string>

namespace flux::check {

class Scene;

// By the quirk `snapshot`; else, where the target is a file or folder, its content; else "".
std::string snapshot(const Scene& scene);

}  // namespace flux::check
