// When triggers and rules fire.
#pragma once

namespace flux::postgres::schema {

// What ALTER TABLE and ALTER EVENT TRIGGER say of one, from tgenabled and its like.
inline const char* firing_words(char code) {
  switch (code) {
    case 'D': return "DISABLE";
    case 'R': return "ENABLE REPLICA";
    case 'A': return "ENABLE ALWAYS";
    default: return "ENABLE";
  }
}

}  // namespace flux::postgres::schema
