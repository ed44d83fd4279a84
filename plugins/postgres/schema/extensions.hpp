// CREATE EXTENSION.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "extension"; its identity is its name. plpgsql, which every new database has, is none. The version is not
// looked at: it is that of the packages of the server, which a definition cannot know, and it changes with these. The
// objects of an extension are its own affair. Properties:
//   schema       where its objects are
//   relocatable  "yes"
const Kind& extensions();

}  // namespace flux::postgres::schema
