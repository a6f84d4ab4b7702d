// Cycle: all that one generation of workers is made from: settings, the web page's files, listeners,
// shared memory.
//
// The master makes one at the start and one at each reload; an old one lives until its last worker has
// gone. Making one changes nothing that the others use.
#pragma once

#include <memory>
#include <string>

#include "common/base/error.h"
#include "common/conf/settings.h"
#include "common/files/folder.h"
#include "common/ipc/shared.h"
#include "master/listeners.h"

namespace master {

struct Cycle {
  Cycle(int number, conf::Settings s, files::Folder f, Listeners l);

  int generation;
  conf::Settings settings;
  const files::Folder files;  // the workers have them by fork
  Listeners listeners;
  ipc::Shared shared;
  bool retiring = false;  // its workers have been told to leave; none is started any more

  int workers() const { return shared.slots(); }
  int ready_workers() const;
};

// "auto": the CPUs that this process may use, which is not always all there are.
int count_workers(const conf::Settings& settings);

// `old` may be null; its listeners are used again. Fails, with the reason, if an address can't be had,
// or the folder of the web page not be read.
base::Result<std::unique_ptr<Cycle>> make_cycle(int generation, conf::Settings settings,
                                                const std::string& config_path, const Cycle* old);

// error_log, log_level and the identity NODE/master. False, errno set, if the file can't be opened.
bool open_log(const conf::Settings& settings);

}  // namespace master
