// What is in a target, as far as that can be seen from outside.
#pragma once

#include <string>

namespace flux::check {

class Scene;

// By the quirk `snapshot`; else, where the target is a file or folder, its content. Throws Failed where that command
// does not end with 0, NoQuirk where there is neither.
std::string snapshot(const Scene& scene);

}  // namespace flux::check
