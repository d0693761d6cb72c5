/*
 * measure: runs a command and says what it cost. Prints one line: wall seconds, CPU seconds of it and its children, peak
 * resident KiB of the largest of them, exit status (124: stopped after the time limit). With -n the command runs so many
 * times and the line holds medians.
 * usage: measure [-n times] [-t limit_s] [-q quiet_s] [-o output] command…
 *	-q	first waits at most so long until the machine is quiet
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct cost {
	double wall, cpu;
	long peak_kib;
	int status;
};

static volatile sig_atomic_t is_late;
static volatile pid_t child;

static void
on_alarm(int number)
{
	(void)number;
	is_late = 1;
	if (child > 0)
		kill(-child, SIGKILL);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
of_timeval(struct timeval value)
{
	return (double)value.tv_sec + (double)value.tv_usec / 1e6;
}

/* Seconds of CPU spent by anyone since boot. */
static double
busy(void)
{
	unsigned long long user = 0, nice = 0, kernel = 0, idle = 0, wait = 0, irq = 0, soft = 0;
	FILE *file = fopen("/proc/stat", "re");

	if (file && fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &kernel, &idle, &wait, &irq,
			    &soft) != 7)
		user = 0;
	if (file)
		fclose(file);
	return (double)(user + nice + kernel + irq + soft) / (double)sysconf(_SC_CLK_TCK);
}

static void
wait_quiet(double limit_s)
{
	double until = seconds() + limit_s;

	while (seconds() < until) {
		double before = busy();

		usleep(300000);
		if (busy() - before < 0.08)
			return;
	}
}

static struct cost
run(char **command, int output, unsigned limit_s)
{
	struct cost cost = { 0 };
	struct rusage used;
	double start = seconds();
	int status;

	is_late = 0;
	child = fork();
	if (child == 0) {
		int input = open("/dev/null", O_RDONLY);

		setpgid(0, 0);
		dup2(input, 0);
		dup2(output, 1);
		dup2(output, 2);
		execvp(command[0], command);
		_exit(127);
	}
	alarm(limit_s);
	while (wait4(child, &status, 0, &used) < 0 && errno == EINTR)
		;
	cost.wall = seconds() - start;
	alarm(0);
	cost.cpu = of_timeval(used.ru_utime) + of_timeval(used.ru_stime);
	cost.peak_kib = used.ru_maxrss;
	cost.status = is_late ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return cost;
}

static int
by_number(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double
median(double *numbers, int count)
{
	qsort(numbers, (size_t)count, sizeof(*numbers), by_number);
	return count % 2 ? numbers[count / 2] : (numbers[count / 2 - 1] + numbers[count / 2]) / 2;
}

int
main(int argc, char **argv)
{
	int option, times = 1, status = 0, output = open("/dev/null", O_WRONLY);
	unsigned limit_s = 600;
	double quiet_s = 0, *walls, *cpus, *peaks;
	struct sigaction action = { .sa_handler = on_alarm };

	while ((option = getopt(argc, argv, "+n:t:q:o:")) != -1) {
		if (option == 'n')
			times = (int)strtol(optarg, NULL, 10);
		else if (option == 't')
			limit_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'q')
			quiet_s = strtod(optarg, NULL);
		else if (option == 'o')
			output = open(optarg, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
		else
			return 2;
	}
	if (optind >= argc || times < 1 || output < 0)
		return 2;
	sigaction(SIGALRM, &action, NULL);
	walls = calloc((size_t)times * 3, sizeof(*walls));
	if (!walls)
		return 2;
	cpus = walls + times;
	peaks = cpus + times;
	wait_quiet(quiet_s);
	for (int i = 0; i < times; i++) {
		struct cost cost = run(argv + optind, output, limit_s);

		walls[i] = cost.wall;
		cpus[i] = cost.cpu;
		peaks[i] = (double)cost.peak_kib;
		status = cost.status ? cost.status : status;
	}
	printf("%.6f %.6f %.0f %d\n", median(walls, times), median(cpus, times), median(peaks, times), status);
	free(walls);
	return 0;
}
