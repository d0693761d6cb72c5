#ifndef LIB_MODULE_STATED_H
#define LIB_MODULE_STATED_H
/* What the modules stat and find say of a file, under Ansible's names: mode, isdir, uid, size … */
#include <sys/stat.h>

#include "value/value.h"

void stat_values(struct arena *arena, struct value *map, const struct stat *info);

#endif
