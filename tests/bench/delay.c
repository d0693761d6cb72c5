/*
 * delay: joins two network namespaces by a TUN device in each, with a fixed delay each way, no loss and no rate limit;
 * for kernels without netem. On SIGUSR1 it prints, for what went by since the last time: packets, KB, and flights, and
 * begins to count anew. A flight is what the first namespace sends of its own (not bare acknowledgements) until it has
 * to wait: the next begins most of a round trip after the beginning of the one before. Their number is that of round trips.
 * usage: delay NETNS_A NETNS_B ONE_WAY_US	(paths; both devices are called tun0)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE_SIZE = 1 << 16, PACKET_SIZE = 1600 };

struct packet {
	long long due_ns;
	int length;
	unsigned char bytes[PACKET_SIZE];
};

struct queue {
	struct packet *packets;
	unsigned head, tail;
};

static struct {
	unsigned long packets, flights;
	unsigned long long bytes;
	long long flight_began_ns;
} count;

static volatile sig_atomic_t wants_count;

static void
on_signal(int number)
{
	(void)number;
	wants_count = 1;
}

static long long
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int
device_open(const char *namespace)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "tun0" };
	int room = open(namespace, O_RDONLY | O_CLOEXEC), device;

	if (room < 0 || setns(room, CLONE_NEWNET) < 0) {
		perror(namespace);
		exit(1);
	}
	close(room);
	device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (device < 0 || ioctl(device, TUNSETIFF, &request) < 0) {
		perror("/dev/net/tun");
		exit(1);
	}
	return device;
}

/* IPv4 and TCP with something in it. */
static int
has_payload(const struct packet *packet)
{
	int header = (packet->bytes[0] & 15) * 4, total = packet->bytes[2] << 8 | packet->bytes[3];

	if (packet->length < 40 || packet->bytes[0] >> 4 != 4 || packet->bytes[9] != 6 || header + 20 > packet->length)
		return 0;
	/* SYN begins a connection: a flight of its own. */
	return total > header + (packet->bytes[header + 12] >> 4) * 4 || (packet->bytes[header + 13] & 2);
}

static void
packet_count(const struct packet *packet, int from, long long delay_ns)
{
	long long now = packet->due_ns - delay_ns;

	count.packets++;
	count.bytes += (unsigned)packet->length;
	if (from != 0 || !has_payload(packet))
		return;
	if (!count.flights || now - count.flight_began_ns > delay_ns * 8 / 5) {
		count.flights++;
		count.flight_began_ns = now;
	}
}

/* Sends on what is due; says when the next is, or -1. */
static long long
queue_send(struct queue *queue, int device)
{
	while (queue->head != queue->tail) {
		struct packet *packet = &queue->packets[queue->head % QUEUE_SIZE];

		if (packet->due_ns > now_ns())
			return packet->due_ns;
		if (write(device, packet->bytes, (size_t)packet->length) < 0 && errno == EAGAIN)
			return packet->due_ns;
		queue->head++;
	}
	return -1;
}

static void
queue_read(struct queue *queue, int device, int from, long long delay_ns)
{
	for (int i = 0; i < 256 && queue->tail - queue->head < QUEUE_SIZE; i++) {
		struct packet *packet = &queue->packets[queue->tail % QUEUE_SIZE];

		packet->length = (int)read(device, packet->bytes, PACKET_SIZE);
		if (packet->length <= 0)
			return;
		packet->due_ns = now_ns() + delay_ns;
		packet_count(packet, from, delay_ns);
		queue->tail++;
	}
}

int
main(int argc, char **argv)
{
	struct queue queues[2] = { 0 };
	struct sigaction action = { .sa_handler = on_signal };
	long long delay_ns;
	int devices[2];

	if (argc != 4)
		return 2;
	delay_ns = strtoll(argv[3], NULL, 10) * 1000;
	for (int i = 0; i < 2; i++) {
		devices[i] = device_open(argv[1 + i]);
		queues[i].packets = malloc(sizeof(struct packet) * QUEUE_SIZE);
		if (!queues[i].packets)
			return 1;
	}
	sigaction(SIGUSR1, &action, NULL);
	prctl(PR_SET_TIMERSLACK, 1000);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd waiting[2] = { { devices[0], POLLIN, 0 }, { devices[1], POLLIN, 0 } };
		long long first = queue_send(&queues[0], devices[1]), second = queue_send(&queues[1], devices[0]);
		long long next = first < 0 || (second >= 0 && second < first) ? second : first, rest;
		struct timespec pause;

		rest = next < 0 ? 0 : next - now_ns();
		rest = rest < 0 ? 0 : rest;
		pause = (struct timespec){ rest / 1000000000LL, rest % 1000000000LL };
		if (wants_count) {
			printf("%lu %llu %lu\n", count.packets, count.bytes / 1000, count.flights);
			fflush(stdout);
			memset(&count, 0, sizeof(count));
			wants_count = 0;
		}
		if (ppoll(waiting, 2, next < 0 ? NULL : &pause, NULL) < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i < 2; i++)
			if (waiting[i].revents & POLLIN)
				queue_read(&queues[i], devices[i], i, delay_ns);
	}
}
