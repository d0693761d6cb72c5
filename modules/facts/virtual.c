/* Is it a container, a virtual machine, or a host of such; and what Amazon says of an instance. */
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "modules/facts/facts.h"
#include "os/clock.h"

enum { METADATA_MS = 2000, METADATA_MAX = 256 * 1024 };

static const char *
container_kind(struct facts *facts)
{
	const char *groups = file_text(facts->arena, "/proc/1/cgroup");
	_cleanup_str_ struct str environment = STR_INIT;

	if (access("/run/.containerenv", F_OK) == 0)
		return "podman";
	if (access("/.dockerenv", F_OK) == 0 || access("/.dockerinit", F_OK) == 0 ||
		(groups && strstr(groups, "/docker")))
		return "docker";
	if (groups && strstr(groups, "/lxc"))
		return "lxc";
	if (file_read("/proc/1/environ", 1 << 20, &environment, NULL)) {
		if (memmem(environment.data, environment.length, "container=lxc", 13))
			return "lxc";
		if (memmem(environment.data, environment.length, "container=podman", 16))
			return "podman";
		if (memmem(environment.data, environment.length, "container=", 10))
			return "container";
	}
	if (access("/proc/vz", F_OK) == 0 && access("/proc/bc", F_OK) < 0)
		return "openvz";
	return NULL;
}

/* What is in the firmware's texts, and what it means. */
static const struct {
	const char *file, *text, *kind;
} firmware[] = {
	{ "product_name", "KVM", "kvm" },
	{ "product_name", "Bochs", "kvm" },
	{ "product_name", "AHV", "kvm" },
	{ "product_name", "oVirt", "oVirt" },
	{ "product_name", "RHEV", "RHEV" },
	{ "product_name", "VMware", "VMware" },
	{ "product_name", "OpenStack", "openstack" },
	{ "product_name", "Google Compute Engine", "kvm" },
	{ "product_name", "VirtualBox", "virtualbox" },
	{ "product_name", "HVM domU", "xen" },
	{ "product_name", "Parallels", "parallels" },
	{ "product_name", "Standard PC", "kvm" },
	{ "bios_vendor", "Xen", "xen" },
	{ "bios_vendor", "innotek", "virtualbox" },
	{ "bios_vendor", "Amazon EC2", "kvm" },
	{ "bios_vendor", "DigitalOcean", "kvm" },
	{ "bios_vendor", "Hetzner", "kvm" },
	{ "sys_vendor", "QEMU", "kvm" },
	{ "sys_vendor", "Amazon EC2", "kvm" },
	{ "sys_vendor", "oVirt", "kvm" },
	{ "sys_vendor", "Parallels", "parallels" },
	{ "sys_vendor", "Microsoft Corporation", "VirtualPC" },
	{ "sys_vendor", "KubeVirt", "KubeVirt" },
	{ "sys_vendor", "VMware", "VMware" },
};

static const char *
machine_kind(struct facts *facts)
{
	for (size_t i = 0; i < ARRAY_SIZE(firmware); i++) {
		const char *line = file_first_line(
			facts->arena, arena_format(facts->arena, "/sys/devices/virtual/dmi/id/%s",
					      firmware[i].file));

		if (line && strstr(line, firmware[i].text))
			return firmware[i].kind;
	}
	if (access("/proc/xen", F_OK) == 0)
		return "xen";
	return NULL;
}

void
facts_virtual(struct facts *facts)
{
	struct value *guest = value_list(facts->arena), *host = value_list(facts->arena);
	const char *container = container_kind(facts), *machine = machine_kind(facts);
	const char *kind = container ? container : machine, *modules;

	if (container) {
		value_add(facts->arena, guest, value_text(facts->arena, container));
		if (!text_equals(container, "container"))
			value_add(facts->arena, guest, value_text(facts->arena, "container"));
	}
	if (machine)
		value_add(facts->arena, guest, value_text(facts->arena, machine));
	modules = file_text(facts->arena, "/proc/modules");
	if (access("/dev/kvm", F_OK) == 0 || (modules && strstr(modules, "kvm ")))
		value_add(facts->arena, host, value_text(facts->arena, "kvm"));
	facts_text(facts, "virtualization_type", kind ? kind : host->list.count ? "kvm" : "NA");
	facts_text(facts, "virtualization_role", kind ? "guest" : host->list.count ? "host" : "NA");
	facts_set(facts, "virtualization_tech_guest", guest);
	facts_set(facts, "virtualization_tech_host", host);
}

/* One request to 169.254.169.254, HTTP/1.0; the body of a 200, else NULL. */
static const char *
ask_metadata(struct facts *facts, const char *request)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	_cleanup_str_ struct str answer = STR_INIT;
	uint64_t deadline = monotonic_ms() + METADATA_MS;
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	const char *body;
	char buffer[4096];
	ssize_t count = 1;

	inet_pton(AF_INET, "169.254.169.254", &address.sin_addr);
	if (fd < 0 ||
		(connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
			poll(&wait, 1, METADATA_MS) != 1) ||
		write(fd, request, strlen(request)) < 0)
		return NULL;
	wait.events = POLLIN;
	while (count > 0 && answer.length < METADATA_MAX && monotonic_ms() < deadline &&
		poll(&wait, 1, (int)(deadline - MIN(deadline, monotonic_ms()))) == 1) {
		count = read(fd, buffer, sizeof(buffer));
		if (count > 0)
			str_add_bytes(&answer, buffer, (size_t)count);
	}
	body = strstr(answer.data, "\r\n\r\n");
	if (!body || !strstr(answer.data, " 200 ") || strstr(answer.data, " 200 ") > body)
		return NULL;
	return arena_text(facts->arena, body + 4);
}

/* IMDSv2 only: a token first. */
void
facts_ec2(struct facts *facts)
{
	static const char *const names[] = { "ami-id", "hostname", "instance-id", "instance-type",
		"local-hostname", "local-ipv4", "mac", "placement/availability-zone",
		"placement/region", "public-hostname", "public-ipv4", "security-groups" };
	const char *token = ask_metadata(facts,
		"PUT /latest/api/token HTTP/1.0\r\nHost: 169.254.169.254\r\n"
		"X-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 0\r\n\r\n");

	for (size_t i = 0; token && i < ARRAY_SIZE(names); i++) {
		const char *text = ask_metadata(
			facts, arena_format(facts->arena,
				       "GET /latest/meta-data/%s HTTP/1.0\r\nHost: "
				       "169.254.169.254\r\nX-aws-ec2-metadata-token: %s\r\n\r\n",
				       names[i], token));
		char *name = arena_format(facts->arena, "ec2_%s", names[i]);

		for (char *next = name; *next; next++)
			if (*next == '-' || *next == '/')
				*next = '_';
		if (text)
			facts_text(facts, name, text);
	}
}
