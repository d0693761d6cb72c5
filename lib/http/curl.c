/* Loading libcurl: every function that is used is looked up at once, so that nothing is missing
 * later. */
#include "http/curl.h"

#include <dlfcn.h>

static struct curl_api api;

#define SYMBOL(name)                              \
	{                                         \
		"curl_" #name, (void **)&api.name \
	}

static const struct {
	const char *name;
	void **place;
} symbols[] = {
	SYMBOL(global_init),
	SYMBOL(easy_init),
	SYMBOL(easy_setopt),
	SYMBOL(easy_getinfo),
	SYMBOL(easy_perform),
	SYMBOL(easy_cleanup),
	SYMBOL(easy_strerror),
	SYMBOL(slist_append),
	SYMBOL(slist_free_all),
	SYMBOL(multi_init),
	SYMBOL(multi_setopt),
	SYMBOL(multi_add_handle),
	SYMBOL(multi_remove_handle),
	SYMBOL(multi_perform),
	SYMBOL(multi_poll),
	SYMBOL(multi_info_read),
	SYMBOL(multi_cleanup),
};

static bool
load_failed(struct error *err, const char *why)
{
	fail(err, ERR_MISSING, "libcurl is needed to ask a server");
	error_why(err, "%s", why ? why : "it cannot be loaded");
	return error_hint(err, "on Debian: apt-get install libcurl4");
}

const struct curl_api *
curl_load(struct error *err)
{
	static void *library;

	if (library)
		return &api;
	library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		load_failed(err, dlerror());
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		*symbols[i].place = dlsym(library, symbols[i].name);
		if (*symbols[i].place)
			continue;
		load_failed(err, dlerror());
		dlclose(library);
		library = NULL;
		return NULL;
	}
	if (api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		BUG("libcurl does not start");
	return &api;
}
