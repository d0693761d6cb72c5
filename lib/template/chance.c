/*
 * random and shuffle. With a seed they choose what Python chooses: the Mersenne Twister, seeded as
 * its random module does, so that «59 | random(seed=inventory_hostname)» stays what it was.
 */
#include <sys/random.h>

#include "base/hash.h"
#include "template/chance.h"
#include "template/evaluation.h"

enum { STATES = 624, MIDDLE = 397, KEY_MOST = 64 * 1024 };

struct twister {
	uint32_t state[STATES];
	int at;
};

static void
twister_seed(struct twister *twister, uint32_t seed)
{
	twister->state[0] = seed;
	for (uint32_t i = 1; i < STATES; i++)
		twister->state[i] =
			1812433253u * (twister->state[i - 1] ^ (twister->state[i - 1] >> 30)) + i;
	twister->at = STATES;
}

static void
twister_seed_array(struct twister *twister, const uint32_t *key, size_t length)
{
	uint32_t *state = twister->state;
	size_t i = 1, j = 0;

	twister_seed(twister, 19650218u);
	for (size_t k = MAX((size_t)STATES, length); k; k--) {
		state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1664525u)) +
			   key[j] + (uint32_t)j;
		if (++i >= STATES) {
			state[0] = state[STATES - 1];
			i = 1;
		}
		if (++j >= length)
			j = 0;
	}
	for (size_t k = STATES - 1; k; k--) {
		state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1566083941u)) -
			   (uint32_t)i;
		if (++i >= STATES) {
			state[0] = state[STATES - 1];
			i = 1;
		}
	}
	state[0] = 0x80000000u;
}

static void
twister_turn(struct twister *twister)
{
	uint32_t *state = twister->state;

	for (int i = 0; i < STATES; i++) {
		uint32_t y = (state[i] & 0x80000000u) | (state[(i + 1) % STATES] & 0x7fffffffu);

		state[i] = state[(i + MIDDLE) % STATES] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
	}
	twister->at = 0;
}

static uint32_t
twister_next(struct twister *twister)
{
	uint32_t y;

	if (twister->at >= STATES)
		twister_turn(twister);
	y = twister->state[twister->at++];
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

/* 0 … limit - 1, by throwing away what is too large. */
static uint64_t
twister_below(struct twister *twister, uint64_t limit)
{
	int bits = 64 - __builtin_clzll(limit);
	uint64_t number;

	do {
		number = twister_next(twister);
		if (bits <= 32)
			number >>= 32 - bits;
		else
			number |= (uint64_t)(twister_next(twister) >> (64 - bits)) << 32;
	} while (number >= limit);
	return number;
}

/* The key of a text is the text and its SHA-512, read as one large number. */
static bool
seed_text(struct arena *into, struct twister *twister, struct view text, struct error *err)
{
	uint8_t digest[HASH_SIZE_MAX];
	size_t size = hash_bytes(HASH_SHA512, text, digest), total = text.length + size;
	uint32_t *key;
	size_t words = (total + 3) / 4;

	if (total > KEY_MOST)
		return fail(err, ERR_LIMIT, "the seed is too long");
	key = arena_array(into, words, uint32_t);
	for (size_t i = 0; i < total; i++) {
		size_t from = total - 1 - i; /* the last byte is the least */
		uint8_t byte =
			from < text.length ? (uint8_t)text.data[from] : digest[from - text.length];

		key[i / 4] |= (uint32_t)byte << (i % 4 * 8);
	}
	while (words > 1 && !key[words - 1])
		words--;
	twister_seed_array(twister, key, words);
	return true;
}

static bool
seed_read(struct call *call, const struct value *seed, struct twister *twister)
{
	uint64_t number;
	uint32_t key[2];

	if (value_is_none(seed)) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return call_fail(call, ERR_IO, "no random numbers");
	} else if (value_is_string(seed)) {
		return seed_text(call_arena(call), twister, value_string_view(seed),
			call->run->session->err);
	} else if (seed->type == VALUE_INT) {
		number = seed->integer < 0 ? 0 - (uint64_t)seed->integer : (uint64_t)seed->integer;
	} else if (seed->type == VALUE_BOOL) {
		number = seed->boolean;
	} else {
		return call_fail(call, ERR_TYPE,
			"The only supported seed types are: None, int, float, str, bytes, and "
			"bytearray.");
	}
	key[0] = (uint32_t)number;
	key[1] = (uint32_t)(number >> 32);
	twister_seed_array(twister, key, key[1] ? 2 : 1);
	return true;
}

bool
chance_choose(struct arena *into, struct view seed, uint32_t choices, uint32_t *out, size_t count,
	struct error *err)
{
	struct twister *twister = arena_new(into, struct twister);

	if (!seed_text(into, twister, seed, err))
		return false;
	for (size_t i = 0; i < count; i++)
		out[i] = (uint32_t)twister_below(twister, choices);
	return true;
}

/* As randrange(start, stop, step). */
static bool
number_choose(struct call *call, struct twister *twister, const struct value **out)
{
	int64_t start, step, stop = call->input->integer, count;

	if (!call_int(call, 0, 0, &start) || !call_int(call, 1, 1, &step))
		return false;
	if (!step)
		return call_fail(call, ERR_TYPE, "zero step for randrange()");
	if (start < -(1ll << 60) || start > 1ll << 60 || stop < -(1ll << 60) || stop > 1ll << 60)
		return call_fail(call, ERR_LIMIT, "random: the range is too wide");
	count = step > 0 ? (stop - start + step - 1) / step : (stop - start + step + 1) / step;
	if (count <= 0)
		return call_fail(call, ERR_TYPE, "empty range for randrange()");
	*out = value_int(
		call_arena(call), start + step * (int64_t)twister_below(twister, (uint64_t)count));
	return true;
}

static bool
is_sequence(const struct value *value)
{
	return value_is_list(value) || value_is_map(value) || value_is_string(value) ||
	       value->type == VALUE_OBJECT;
}

static bool
random_call(struct call *call, const struct value **out)
{
	struct twister *twister = arena_new(call_arena(call), struct twister);
	const struct value *items;

	if (!seed_read(call, call->args[2], twister))
		return false;
	if (call->input->type == VALUE_INT)
		return number_choose(call, twister, out);
	if (!is_sequence(call->input))
		return call_fail(
			call, ERR_TYPE, "random can only be used on sequences and integers");
	if (!call_items(call, call->input, &items))
		return false;
	if (!value_is_none(call->args[0]) || !value_is_none(call->args[1]))
		return call_fail(
			call, ERR_TYPE, "start and step can only be used with integer values");
	if (!items->list.count)
		return call_fail(call, ERR_TYPE, "Cannot choose from an empty sequence");
	*out = items->list.items[twister_below(twister, items->list.count)];
	return true;
}

static bool
shuffle_call(struct call *call, const struct value **out)
{
	struct twister *twister = arena_new(call_arena(call), struct twister);
	const struct value *items;
	struct value *list;

	if (!seed_read(call, call->args[0], twister))
		return false;
	if (!is_sequence(call->input)) {
		*out = call->input;
		return true;
	}
	if (!call_items(call, call->input, &items))
		return false;
	list = value_list_copy(call_arena(call), items);
	list->flags = 0;
	for (uint32_t i = list->list.count; i > 1; i--) {
		uint32_t other = (uint32_t)twister_below(twister, i);
		const struct value *item = list->list.items[i - 1];

		list->list.items[i - 1] = list->list.items[other];
		list->list.items[other] = item;
	}
	*out = list;
	return true;
}

const struct function filters_chance[] = { { "random", "start=None step=None seed=None",
						   random_call, "One by chance." },
	{ "shuffle", "seed=None", shuffle_call, "In random order." }, { NULL } };
