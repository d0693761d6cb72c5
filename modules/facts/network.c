/* Interfaces and addresses. */
#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "modules/facts/facts.h"

struct network {
	struct facts *facts;
	struct ifaddrs *addresses;
	struct value *all4, *all6;
};

static const char *
sys_line(struct facts *facts, const char *device, const char *name)
{
	return file_first_line(
		facts->arena, arena_format(facts->arena, "/sys/class/net/%s/%s", device, name));
}

static int64_t
sys_number(struct facts *facts, const char *device, const char *name, int base, int64_t fallback)
{
	const char *line = sys_line(facts, device, name);
	int64_t number;

	if (line && text_starts(line, "0x"))
		line += 2;
	return line && number_parse_base(view_of(line), base, &number) ? number : fallback;
}

static bool
sys_has(struct facts *facts, const char *device, const char *name)
{
	return access(arena_format(facts->arena, "/sys/class/net/%s/%s", device, name), F_OK) == 0;
}

static struct value *
list_directory(struct facts *facts, const char *path)
{
	struct value *list = value_list(facts->arena);
	DIR *stream = opendir(path);
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			value_add(facts->arena, list, value_text(facts->arena, entry->d_name));
	if (stream)
		closedir(stream);
	return list;
}

static const char *
type_of(struct facts *facts, struct value *map, const char *device)
{
	const char *id;

	if (sys_has(facts, device, "bridge")) {
		value_set(facts->arena, map, "interfaces",
			list_directory(facts,
				arena_format(facts->arena, "/sys/class/net/%s/brif", device)));
		id = sys_line(facts, device, "bridge/bridge_id");
		set_text(facts, map, "id", id);
		value_set(facts->arena, map, "stp",
			text_equals(sys_line(facts, device, "bridge/stp_state"), "1")
				? &value_true
				: &value_false);
		return "bridge";
	}
	if (sys_has(facts, device, "bonding"))
		return "bonding";
	switch (sys_number(facts, device, "type", 10, -1)) {
	case 1:
		return "ether";
	case 32:
		return "infiniband";
	case 512:
		return "ppp";
	case 772:
		return "loopback";
	case 65534:
		return "tunnel";
	default:
		return "unknown";
	}
}

static int
prefix_of(const uint8_t *mask, size_t size)
{
	int bits = 0;

	for (size_t i = 0; i < size; i++)
		bits += __builtin_popcount(mask[i]);
	return bits;
}

static void
set_ipv4(struct facts *facts, struct value *map, const char *key, const struct in_addr *address)
{
	char text[INET_ADDRSTRLEN];

	set_text(facts, map, key, inet_ntop(AF_INET, address, text, sizeof(text)));
}

static struct value *
describe_ipv4(struct facts *facts, const struct ifaddrs *entry)
{
	struct value *map = value_map(facts->arena);
	const struct sockaddr_in *address = (const void *)entry->ifa_addr,
				 *mask = (const void *)entry->ifa_netmask;
	const struct sockaddr_in *broadcast = (const void *)entry->ifa_broadaddr;
	struct in_addr network = { mask ? address->sin_addr.s_addr & mask->sin_addr.s_addr : 0 };

	set_ipv4(facts, map, "address", &address->sin_addr);
	/* An address without one (ip addr add …) has the address itself there. */
	if (broadcast && (entry->ifa_flags & IFF_BROADCAST) && broadcast->sin_addr.s_addr &&
		broadcast->sin_addr.s_addr != address->sin_addr.s_addr)
		set_ipv4(facts, map, "broadcast", &broadcast->sin_addr);
	else
		set_text(facts, map, "broadcast", "");
	if (mask) {
		set_ipv4(facts, map, "netmask", &mask->sin_addr);
		set_ipv4(facts, map, "network", &network);
		value_set(facts->arena, map, "prefix",
			value_format(facts->arena, "%d",
				prefix_of((const uint8_t *)&mask->sin_addr, 4)));
	}
	return map;
}

static struct value *
describe_ipv6(struct facts *facts, const struct ifaddrs *entry)
{
	struct value *map = value_map(facts->arena);
	const struct sockaddr_in6 *address = (const void *)entry->ifa_addr,
				  *mask = (const void *)entry->ifa_netmask;
	const uint8_t *bytes = address->sin6_addr.s6_addr;
	char text[INET6_ADDRSTRLEN];
	const char *scope = "global";

	if (IN6_IS_ADDR_LOOPBACK(&address->sin6_addr))
		scope = "host";
	else if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
		scope = "link";
	else if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0)
		scope = "site";
	set_text(facts, map, "address",
		inet_ntop(AF_INET6, &address->sin6_addr, text, sizeof(text)));
	if (mask)
		value_set(facts->arena, map, "prefix",
			value_format(facts->arena, "%d", prefix_of(mask->sin6_addr.s6_addr, 16)));
	set_text(facts, map, "scope", scope);
	return map;
}

static void
add_addresses(struct network *network, struct value *map, const char *device)
{
	struct facts *facts = network->facts;
	struct value *secondaries = value_list(facts->arena), *ipv6 = value_list(facts->arena),
		     *one;
	bool has_first = false;

	for (struct ifaddrs *entry = network->addresses; entry; entry = entry->ifa_next) {
		/* A label (eth0:1) belongs to its device. */
		size_t length = strcspn(entry->ifa_name, ":");

		if (!entry->ifa_addr || !view_is((struct view){ entry->ifa_name, length }, device))
			continue;
		if (entry->ifa_addr->sa_family == AF_INET) {
			one = describe_ipv4(facts, entry);
			if (!has_first)
				value_set(facts->arena, map, "ipv4", one);
			else
				value_add(facts->arena, secondaries, one);
			has_first = true;
			if (!text_starts(value_string(value_get(one, "address")), "127."))
				value_add(facts->arena, network->all4, value_get(one, "address"));
		} else if (entry->ifa_addr->sa_family == AF_INET6) {
			one = describe_ipv6(facts, entry);
			value_add(facts->arena, ipv6, one);
			if (!text_equals(value_string(value_get(one, "address")), "::1"))
				value_add(facts->arena, network->all6, value_get(one, "address"));
		}
	}
	if (secondaries->list.count)
		value_set(facts->arena, map, "ipv4_secondaries", secondaries);
	if (ipv6->list.count)
		value_set(facts->arena, map, "ipv6", ipv6);
}

static const char *
module_of(struct facts *facts, const char *device)
{
	char target[PATH_MAX];
	const char *path =
		arena_format(facts->arena, "/sys/class/net/%s/device/driver/module", device);

	return realpath(path, target) ? arena_text(facts->arena, path_name(target)) : NULL;
}

static void
add_interface(struct network *network, const char *device)
{
	struct facts *facts = network->facts;
	struct value *map = value_map(facts->arena);
	const char *mac = sys_line(facts, device, "address"), *module = module_of(facts, device);
	char *name = arena_text(facts->arena, device);
	int64_t speed = sys_number(facts, device, "speed", 10, 0);
	int64_t flags = sys_number(facts, device, "flags", 16, 0);

	set_text(facts, map, "device", device);
	if (mac && *mac && !text_equals(mac, "00:00:00:00:00:00"))
		set_text(facts, map, "macaddress", mac);
	set_int(facts, map, "mtu", sys_number(facts, device, "mtu", 10, 0));
	value_set(facts->arena, map, "active",
		text_equals(sys_line(facts, device, "operstate"), "down") ? &value_false
									  : &value_true);
	if (module)
		set_text(facts, map, "module", module);
	set_text(facts, map, "type", type_of(facts, map, device));
	if (speed > 0)
		set_int(facts, map, "speed", speed);
	value_set(facts->arena, map, "promisc", flags & IFF_PROMISC ? &value_true : &value_false);
	add_addresses(network, map, device);
	for (char *next = name; *next; next++)
		if (*next == '-' || *next == ':')
			*next = '_';
	facts_set(facts, name, map);
}

/* The address that a packet to the far side would carry; nothing is sent. */
static bool
source_address(int family, const char *far, char *out, size_t size)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address = { .any.sa_family = (sa_family_t)family };
	_cleanup_close_ int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = family == AF_INET ? sizeof(address.four) : sizeof(address.six);
	void *bytes =
		family == AF_INET ? (void *)&address.four.sin_addr : (void *)&address.six.sin6_addr;

	inet_pton(family, far, bytes);
	address.four.sin_port = htons(53); /* at the same place in both */
	return fd >= 0 && connect(fd, &address.any, length) == 0 &&
	       getsockname(fd, &address.any, &length) == 0 &&
	       inet_ntop(family, bytes, out, (socklen_t)size);
}

static const char *
gateway4(struct facts *facts, const char *device)
{
	const char *text = file_text(facts->arena, "/proc/net/route");
	struct view rest = view_of(text), line;

	while (view_cut(&rest, '\n', &line)) {
		char copy[256], name[64];
		unsigned destination, gateway, flags;
		struct in_addr address;
		char shown[INET_ADDRSTRLEN];

		snprintf(copy, sizeof(copy), "%.*s", (int)line.length, line.data);
		if (sscanf(copy, "%63s %x %x %x", name, &destination, &gateway, &flags) != 4 ||
			destination || !text_equals(name, device) || !gateway)
			continue;
		address.s_addr = gateway;
		return arena_text(facts->arena, inet_ntop(AF_INET, &address, shown, sizeof(shown)));
	}
	return NULL;
}

static const char *
gateway6(struct facts *facts, const char *device)
{
	const char *text = file_text(facts->arena, "/proc/net/ipv6_route");
	struct view rest = view_of(text), line;

	while (view_cut(&rest, '\n', &line)) {
		char copy[256], name[64], via[40], destination[40];
		unsigned prefix;
		struct in6_addr address;
		char shown[INET6_ADDRSTRLEN];

		snprintf(copy, sizeof(copy), "%.*s", (int)line.length, line.data);
		if (sscanf(copy, "%32s %x %*s %*s %32s %*s %*s %*s %*s %63s", destination, &prefix,
			    via, name) != 4 ||
			prefix || !text_equals(name, device) || strspn(via, "0") == 32)
			continue;
		for (int i = 0; i < 16; i++) {
			int64_t byte;

			if (!number_parse_base((struct view){ via + 2 * i, 2 }, 16, &byte))
				return NULL;
			address.s6_addr[i] = (uint8_t)byte;
		}
		return arena_text(
			facts->arena, inet_ntop(AF_INET6, &address, shown, sizeof(shown)));
	}
	return NULL;
}

static void
add_default(struct network *network, int family, const char *far)
{
	struct facts *facts = network->facts;
	struct value *map = value_map(facts->arena), *found;
	char source[INET6_ADDRSTRLEN];
	const struct value *interface = NULL;
	const char *device = NULL, *gateway, *name;

	for (struct ifaddrs *entry = network->addresses; entry && !device;
		entry = entry->ifa_next) {
		const char *address;

		if (!entry->ifa_addr || entry->ifa_addr->sa_family != family ||
			!source_address(family, far, source, sizeof(source)))
			continue;
		found = family == AF_INET ? describe_ipv4(facts, entry)
					  : describe_ipv6(facts, entry);
		address = value_string(value_get(found, "address"));
		if (!text_equals(address, source))
			continue;
		device = arena_view(facts->arena,
			(struct view){ entry->ifa_name, strcspn(entry->ifa_name, ":") });
		VALUE_PAIRS (pair, found)
			value_set_key(facts->arena, map, pair->key, pair->value);
		if (family == AF_INET)
			set_text(facts, map, "alias", entry->ifa_name);
	}
	if (device) {
		set_text(facts, map, "interface", device);
		gateway = family == AF_INET ? gateway4(facts, device) : gateway6(facts, device);
		if (gateway)
			set_text(facts, map, "gateway", gateway);
		name = arena_format(facts->arena, "%s", device);
		for (char *next = arena_text(facts->arena, name), *begin = next; next;
			next = NULL) {
			for (; *next; next++)
				if (*next == '-')
					*next = '_';
			interface = facts_get(facts, begin);
		}
		for (size_t i = 0; interface && i < 3; i++) {
			static const char *const keys[] = { "macaddress", "mtu", "type" };

			if (value_get(interface, keys[i]))
				value_set(
					facts->arena, map, keys[i], value_get(interface, keys[i]));
		}
	}
	facts_set(facts, family == AF_INET ? "default_ipv4" : "default_ipv6", map);
}

void
facts_network(struct facts *facts)
{
	struct network network = {
		.facts = facts,
		.all4 = value_list(facts->arena),
		.all6 = value_list(facts->arena),
	};
	struct value *names = value_list(facts->arena);
	DIR *stream = opendir("/sys/class/net");
	struct dirent *entry;

	if (getifaddrs(&network.addresses) < 0)
		network.addresses = NULL;
	while (stream && (entry = readdir(stream))) {
		/* bonding_masters is a file among the devices. */
		if (entry->d_name[0] == '.' || !sys_has(facts, entry->d_name, "mtu"))
			continue;
		value_add(facts->arena, names, value_text(facts->arena, entry->d_name));
		add_interface(&network, entry->d_name);
	}
	if (stream)
		closedir(stream);
	facts_set(facts, "interfaces", names);
	facts_set(facts, "all_ipv4_addresses", network.all4);
	facts_set(facts, "all_ipv6_addresses", network.all6);
	add_default(&network, AF_INET, "8.8.8.8");
	add_default(&network, AF_INET6, "2404:6800:400a:800::1012");
	if (network.addresses)
		freeifaddrs(network.addresses);
}
