#ifndef LIB_OS_LOOP_H
#define LIB_OS_LOOP_H
/*
 * One epoll loop: descriptors, timers, and jobs that block (getaddrinfo, key decryption) on a small
 * pool of threads, whose ends are called back in the loop's own thread. Handlers may add and remove
 * anything, themselves included.
 */
#include "base/base.h"

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 }; /* HANGUP is always reported */

struct loop;
struct loop_watch;
struct loop_timer;

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* what was put off with loop_later is done first */

/* Runs until loop_stop, or until nothing is watched, timed or at work. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* One round: waits at most timeout_ms (-1: until something happens). */
void loop_once(struct loop *loop, int timeout_ms);

/* The descriptor stays the caller's. */
struct loop_watch *loop_watch_add(struct loop *loop, int fd, unsigned events,
	void (*handler)(void *context, unsigned events), void *context);
void loop_watch_set(struct loop_watch *watch, unsigned events);
void loop_watch_remove(struct loop_watch *watch); /* NULL is harmless */

/* Once, after delay_ms. The timer frees itself when it has fired; remove it only before. */
struct loop_timer *loop_timer_add(
	struct loop *loop, uint64_t delay_ms, void (*handler)(void *context), void *context);
void loop_timer_remove(struct loop_timer *timer); /* NULL is harmless */

/* Called once before the loop sleeps again; many calls with the same handler and context count as
 * one. */
void loop_later(struct loop *loop, void (*handler)(void *context), void *context);
/* For what is freed before its turn. */
void loop_later_cancel(struct loop *loop, void (*handler)(void *context), void *context);

/*
 * `work` runs on another thread and may touch nothing but its context; `done` runs in the loop.
 * loop_free waits a moment for the jobs at work, drops the others, and calls back none of them.
 */
void loop_job(
	struct loop *loop, void (*work)(void *context), void (*done)(void *context), void *context);

uint64_t clock_ms(void); /* monotonic */
uint64_t clock_us(void);

#endif
