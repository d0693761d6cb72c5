/*
 * One epoll set, a heap of timers, a list of things to do later, and a few threads for what blocks.
 *
 * A watch that is removed while events are being handed out may still stand in the batch that
 * epoll_wait returned, so it is only marked then and freed when the batch is done. Finished jobs
 * come back through a list and an eventfd.
 */
#include "os/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

/* Threads start only when all others are busy. More than one core can use: a slow name server is
 * what they wait for. */
#define POOL_THREADS 8
#define BATCH 256

struct loop_watch {
	struct loop *loop;
	int fd;
	unsigned events;
	bool is_removed;
	bool is_file; /* epoll refuses regular files: always ready */
	void (*handler)(void *context, unsigned events);
	void *context;
	struct loop_watch *next, **self; /* all watches, or the removed ones */
};

struct loop_timer {
	struct loop *loop;
	uint64_t due_ms;
	uint64_t order; /* equal times fire in the order they were added */
	size_t index;
	void (*handler)(void *context);
	void *context;
};

struct later {
	void (*handler)(void *context);
	void *context;
};

struct later_list {
	struct later *items;
	size_t count, room;
	size_t *slots; /* index + 1; 0: free. A power of two, at most half full. */
	size_t slot_count;
};

struct job {
	void (*work)(void *context);
	void (*done)(void *context);
	void *context;
	struct job *next;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t threads[POOL_THREADS];
	size_t thread_count, idle;
	struct job *queue, **queue_end;
	size_t queued;
	struct job *finished, **finished_end;
	int event_fd;
	bool is_ending;
};

struct loop {
	int epoll_fd;
	bool is_stopped;
	unsigned depth; /* loop_once within a handler */
	struct loop_watch *watches, *removed;
	size_t watch_count, file_count;
	struct loop_timer **timers; /* a heap, earliest first */
	size_t timer_count, timer_room;
	uint64_t timer_order;
	struct later_list later, running;
	struct pool *pool; /* NULL until the first job */
	size_t jobs;	   /* not yet called back */
};

uint64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
clock_ms(void)
{
	return clock_us() / 1000;
}

/* Watches. */

static uint32_t
epoll_mask(unsigned events)
{
	return (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
	       (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static void
watch_link(struct loop_watch *watch, struct loop_watch **list)
{
	watch->next = *list;
	watch->self = list;
	if (*list)
		(*list)->self = &watch->next;
	*list = watch;
}

static void
watch_unlink(struct loop_watch *watch)
{
	*watch->self = watch->next;
	if (watch->next)
		watch->next->self = watch->self;
}

struct loop_watch *
loop_watch_add(struct loop *loop, int fd, unsigned events,
	void (*handler)(void *context, unsigned events), void *context)
{
	struct loop_watch *watch = memory_get(sizeof(*watch));
	struct epoll_event event = { .events = epoll_mask(events), .data.ptr = watch };

	*watch = (struct loop_watch){ loop, fd, events, .handler = handler, .context = context };
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		if (errno != EPERM)
			BUG("cannot watch descriptor %d: %s", fd, strerror(errno));
		watch->is_file = true;
		loop->file_count++;
	}
	watch_link(watch, &loop->watches);
	loop->watch_count++;
	return watch;
}

void
loop_watch_set(struct loop_watch *watch, unsigned events)
{
	struct epoll_event event = { .events = epoll_mask(events), .data.ptr = watch };

	if (watch->is_removed || watch->events == events)
		return;
	watch->events = events;
	if (!watch->is_file &&
		epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) < 0)
		BUG("cannot watch descriptor %d: %s", watch->fd, strerror(errno));
}

void
loop_watch_remove(struct loop_watch *watch)
{
	struct loop *loop;

	if (!watch || watch->is_removed)
		return;
	loop = watch->loop;
	if (watch->is_file)
		loop->file_count--;
	else
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, &(struct epoll_event){ 0 });
	loop->watch_count--;
	watch_unlink(watch);
	if (!loop->depth) {
		free(watch);
		return;
	}
	watch->is_removed = true;
	watch_link(watch, &loop->removed);
}

static void
removed_free(struct loop *loop)
{
	while (loop->removed) {
		struct loop_watch *watch = loop->removed;

		loop->removed = watch->next;
		free(watch);
	}
}

static void
events_hand_out(struct loop *loop, int timeout_ms)
{
	struct epoll_event batch[BATCH];
	int count = epoll_wait(loop->epoll_fd, batch, BATCH, timeout_ms);

	for (int i = 0; i < count; i++) {
		struct loop_watch *watch = batch[i].data.ptr;
		unsigned events = (batch[i].events & EPOLLIN ? LOOP_READ : 0u) |
				  (batch[i].events & EPOLLOUT ? LOOP_WRITE : 0u) |
				  (batch[i].events & (EPOLLHUP | EPOLLERR) ? LOOP_HANGUP : 0u);

		if (!watch->is_removed)
			watch->handler(watch->context, events);
	}
}

static void
files_hand_out(struct loop *loop)
{
	struct loop_watch **ready;
	size_t count = 0;

	if (!loop->file_count)
		return;
	ready = memory_get(loop->file_count * sizeof(*ready));
	for (struct loop_watch *watch = loop->watches; watch; watch = watch->next)
		if (watch->is_file && watch->events)
			ready[count++] = watch;
	for (size_t i = 0; i < count; i++)
		if (!ready[i]->is_removed)
			ready[i]->handler(ready[i]->context, ready[i]->events);
	free(ready);
}

static bool
has_ready_file(const struct loop *loop)
{
	if (loop->file_count)
		for (struct loop_watch *watch = loop->watches; watch; watch = watch->next)
			if (watch->is_file && watch->events)
				return true;
	return false;
}

/* Timers. */

static bool
timer_is_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void
timer_put(struct loop *loop, size_t index, struct loop_timer *timer)
{
	loop->timers[index] = timer;
	timer->index = index;
}

/* Moves the timer from the free place `index` to where it belongs. */
static void
timer_sift(struct loop *loop, size_t index, struct loop_timer *timer)
{
	while (index && timer_is_before(timer, loop->timers[(index - 1) / 2])) {
		timer_put(loop, index, loop->timers[(index - 1) / 2]);
		index = (index - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * index + 1;

		if (child + 1 < loop->timer_count &&
			timer_is_before(loop->timers[child + 1], loop->timers[child]))
			child++;
		if (child >= loop->timer_count || !timer_is_before(loop->timers[child], timer))
			break;
		timer_put(loop, index, loop->timers[child]);
		index = child;
	}
	timer_put(loop, index, timer);
}

struct loop_timer *
loop_timer_add(struct loop *loop, uint64_t delay_ms, void (*handler)(void *context), void *context)
{
	struct loop_timer *timer = memory_get(sizeof(*timer));

	*timer = (struct loop_timer){ loop, clock_ms() + delay_ms, loop->timer_order++, 0, handler,
		context };
	if (loop->timer_count == loop->timer_room) {
		loop->timer_room = loop->timer_room ? loop->timer_room * 2 : 16;
		loop->timers =
			memory_resize(loop->timers, loop->timer_room * sizeof(*loop->timers));
	}
	loop->timer_count++;
	timer_sift(loop, loop->timer_count - 1, timer);
	return timer;
}

void
loop_timer_remove(struct loop_timer *timer)
{
	struct loop *loop;
	struct loop_timer *last;

	if (!timer)
		return;
	loop = timer->loop;
	last = loop->timers[--loop->timer_count];
	if (last != timer)
		timer_sift(loop, timer->index, last);
	free(timer);
}

static void
timers_fire(struct loop *loop)
{
	uint64_t now = clock_ms();
	uint64_t newest = loop->timer_order; /* those added meanwhile wait for the next round */

	while (loop->timer_count && loop->timers[0]->due_ms <= now &&
		loop->timers[0]->order < newest) {
		struct loop_timer timer = *loop->timers[0];

		loop_timer_remove(loop->timers[0]);
		timer.handler(timer.context);
	}
}

/* Later. */

static size_t *
later_slot(struct later_list *list, void (*handler)(void *context), const void *context)
{
	uintptr_t mixed = ((uintptr_t)handler >> 4) * 31 + ((uintptr_t)context >> 4);
	size_t slot = (size_t)((mixed * 0x9e3779b97f4a7c15u) >> 20) & (list->slot_count - 1);

	while (list->slots[slot]) {
		struct later *item = &list->items[list->slots[slot] - 1];

		if (item->handler == handler && item->context == context)
			break;
		slot = (slot + 1) & (list->slot_count - 1);
	}
	return &list->slots[slot];
}

static void
later_grow(struct later_list *list)
{
	list->room = list->room ? list->room * 2 : 16;
	list->items = memory_resize(list->items, list->room * sizeof(*list->items));
	list->slot_count = list->room * 2;
	free(list->slots);
	list->slots = memory_get(list->slot_count * sizeof(*list->slots));
	memset(list->slots, 0, list->slot_count * sizeof(*list->slots));
	for (size_t i = 0; i < list->count; i++)
		*later_slot(list, list->items[i].handler, list->items[i].context) = i + 1;
}

void
loop_later(struct loop *loop, void (*handler)(void *context), void *context)
{
	struct later_list *list = &loop->later;
	size_t *slot;

	if (list->count == list->room)
		later_grow(list);
	slot = later_slot(list, handler, context);
	if (*slot)
		return;
	list->items[list->count++] = (struct later){ handler, context };
	*slot = list->count;
}

static void
later_do_nothing(void *context UNUSED)
{
}

void
loop_later_cancel(struct loop *loop, void (*handler)(void *context), void *context)
{
	struct later_list *lists[] = { &loop->later, &loop->running };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		size_t *slot = lists[i]->count ? later_slot(lists[i], handler, context) : NULL;

		/* The slot stays taken, so that the chains through it hold: loop_later would find a
		 * wrong item, but compares it and goes on. */
		if (slot && *slot)
			lists[i]->items[*slot - 1] = (struct later){ later_do_nothing, NULL };
	}
}

static void
later_run(struct loop *loop)
{
	struct later_list list = loop->later;

	if (!list.count || loop->running.count)
		return;
	loop->later = loop->running;
	loop->running = list;
	for (size_t i = 0; i < loop->running.count; i++)
		loop->running.items[i].handler(loop->running.items[i].context);
	loop->running.count = 0;
	memset(loop->running.slots, 0, loop->running.slot_count * sizeof(*loop->running.slots));
}

static void
later_release(struct later_list *list)
{
	free(list->items);
	free(list->slots);
}

/* Jobs. */

static struct job *
job_take(struct pool *pool)
{
	struct job *job;

	pool->idle++;
	while (!pool->queue && !pool->is_ending)
		pthread_cond_wait(&pool->wake, &pool->lock);
	pool->idle--;
	if (pool->is_ending)
		return NULL;
	job = pool->queue;
	pool->queue = job->next;
	if (!pool->queue)
		pool->queue_end = &pool->queue;
	pool->queued--;
	return job;
}

static void
job_finish(struct pool *pool, struct job *job)
{
	uint64_t one = 1;

	job->next = NULL;
	*pool->finished_end = job;
	pool->finished_end = &job->next;
	while (write(pool->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void *
pool_thread(void *context)
{
	struct pool *pool = context;
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	while ((job = job_take(pool))) {
		pthread_mutex_unlock(&pool->lock);
		job->work(job->context);
		pthread_mutex_lock(&pool->lock);
		job_finish(pool, job);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static struct pool *
pool_new(void)
{
	struct pool *pool = memory_get(sizeof(*pool));

	*pool = (struct pool){ .event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (pool->event_fd < 0)
		BUG("eventfd: %s", strerror(errno));
	pool->queue_end = &pool->queue;
	pool->finished_end = &pool->finished;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	return pool;
}

/* Signals belong to the loop's thread. */
static void
pool_add_thread(struct pool *pool)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&pool->threads[pool->thread_count], NULL, pool_thread, pool) == 0)
		pool->thread_count++;
	else if (!pool->thread_count)
		BUG("cannot start a thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
jobs_collect(void *context, unsigned events UNUSED)
{
	struct loop *loop = context;
	struct pool *pool = loop->pool;
	struct job *finished;
	uint64_t count;

	if (read(pool->event_fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&pool->lock);
	finished = pool->finished;
	pool->finished = NULL;
	pool->finished_end = &pool->finished;
	pthread_mutex_unlock(&pool->lock);
	while (finished) {
		struct job *job = finished;

		finished = job->next;
		loop->jobs--;
		if (job->done)
			job->done(job->context);
		free(job);
	}
}

void
loop_job(struct loop *loop, void (*work)(void *context), void (*done)(void *context), void *context)
{
	struct job *job = memory_get(sizeof(*job));
	struct pool *pool;

	*job = (struct job){ work, done, context, NULL };
	if (!loop->pool) {
		loop->pool = pool_new();
		loop_watch_add(loop, loop->pool->event_fd, LOOP_READ, jobs_collect, loop);
		loop->watch_count--; /* ours does not keep the loop running */
	}
	pool = loop->pool;
	loop->jobs++;
	pthread_mutex_lock(&pool->lock);
	*pool->queue_end = job;
	pool->queue_end = &job->next;
	pool->queued++;
	if (pool->queued > pool->idle && pool->thread_count < POOL_THREADS)
		pool_add_thread(pool);
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
}

static void
job_list_free(struct job *job)
{
	while (job) {
		struct job *next = job->next;

		free(job);
		job = next;
	}
}

/* A thread that hangs in a name lookup is not waited for: it keeps the pool, and ends with the
 * process. */
static void
pool_free(struct pool *pool)
{
	struct timespec deadline;
	bool is_busy = false;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_ending = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec++;
	for (size_t i = 0; i < pool->thread_count; i++)
		if (pthread_timedjoin_np(pool->threads[i], NULL, &deadline) != 0)
			is_busy = true;
	if (is_busy)
		return;
	job_list_free(pool->queue);
	job_list_free(pool->finished);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->wake);
	close(pool->event_fd);
	free(pool);
}

/* The loop itself. */

struct loop *
loop_new(void)
{
	struct loop *loop = memory_get(sizeof(*loop));

	*loop = (struct loop){ .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	if (loop->epoll_fd < 0)
		BUG("epoll: %s", strerror(errno));
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (int round = 0; loop->later.count && round < 100; round++)
		later_run(loop);
	pool_free(loop->pool);
	while (loop->timer_count)
		loop_timer_remove(loop->timers[0]);
	free(loop->timers);
	loop->depth = 0;
	while (loop->watches)
		loop_watch_remove(loop->watches);
	removed_free(loop);
	later_release(&loop->later);
	later_release(&loop->running);
	close(loop->epoll_fd);
	free(loop);
}

static int
time_to_wait(const struct loop *loop, int timeout_ms)
{
	if (loop->later.count || has_ready_file(loop))
		return 0;
	if (loop->timer_count) {
		uint64_t now = clock_ms();
		uint64_t wait = loop->timers[0]->due_ms > now ? loop->timers[0]->due_ms - now : 0;

		if (timeout_ms < 0 || wait < (uint64_t)timeout_ms)
			return (int)MIN(wait, 3600u * 1000);
	}
	return timeout_ms;
}

void
loop_once(struct loop *loop, int timeout_ms)
{
	timeout_ms = time_to_wait(loop, timeout_ms);
	loop->depth++;
	events_hand_out(loop, timeout_ms);
	files_hand_out(loop);
	timers_fire(loop);
	later_run(loop);
	if (--loop->depth == 0)
		removed_free(loop);
}

void
loop_run(struct loop *loop)
{
	while (!loop->is_stopped &&
		(loop->watch_count || loop->timer_count || loop->jobs || loop->later.count))
		loop_once(loop, -1);
	loop->is_stopped = false;
}

void
loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
