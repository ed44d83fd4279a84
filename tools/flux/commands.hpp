// The commands. Each runs with its options and returns its result, or throws Error where it cannot go on.
#pragma once

#include "options.hpp"
#include "result.hpp"
#include "session.hpp"

namespace flux::cli {

Result run(const HelpOptions& options, Session& session);
Result run(const VersionOptions& options, Session& session);
Result run(const InitOptions& options, Session& session);
Result run(const NewOptions& options, Session& session);
Result run(const StatusOptions& options, Session& session);
Result run(const HistoryOptions& options, Session& session);
Result run(const ValidateOptions& options, Session& session);
Result run(const PlanCommandOptions& options, Session& session);
Result run(const BatchOptions& options, Session& session);
Result run(const ResolveOptions& options, Session& session);
Result run(const AcceptOptions& options, Session& session);
Result run(const BaselineOptions& options, Session& session);
Result run(const LockOptions& options, Session& session);
Result run(const BackendsOptions& options, Session& session);
Result run(const CompletionsOptions& options, Session& session);
Result run(const InspectOptions& options, Session& session);
Result run(const DiffOptions& options, Session& session);
Result run(const GenerateOptions& options, Session& session);
Result run(const DriftOptions& options, Session& session);
Result run(const SyncOptions& options, Session& session);
Result run(const VerifyOptions& options, Session& session);
Result run(const UndoOptions& options, Session& session);

}  // namespace flux::cli
