/* Finding the roles that are compiled in, and their files. */
#include "roles/role.h"

const struct role_table *
role_table_find(const char *name)
{
	for (size_t i = 0; role_tables[i]; i++) {
		const char *const *alias = role_tables[i]->aliases;

		if (!strcmp(role_tables[i]->name, name))
			return role_tables[i];
		for (; alias && *alias; alias++)
			if (!strcmp(*alias, name))
				return role_tables[i];
	}
	return NULL;
}

const struct role_file *
role_file_find(const char *role, const char *kind, const char *name)
{
	size_t length = strlen(kind);

	for (const struct role_file *file = role_files; file->role; file++)
		if (!strcmp(file->role, role) && !strncmp(file->path, kind, length) &&
			file->path[length] == '/' && !strcmp(file->path + length + 1, name))
			return file;
	return NULL;
}
