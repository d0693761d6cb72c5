/* MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4). */
#include "base/hash.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#define HAS_SHA_NI 1
#else
#define HAS_SHA_NI 0
#endif

static const struct {
	const char *name;
	uint8_t size, block;
} kinds[] = {
	[HASH_MD5] = { "md5", 16, 64 },
	[HASH_SHA1] = { "sha1", 20, 64 },
	[HASH_SHA224] = { "sha224", 28, 64 },
	[HASH_SHA256] = { "sha256", 32, 64 },
	[HASH_SHA384] = { "sha384", 48, 128 },
	[HASH_SHA512] = { "sha512", 64, 128 },
};

static inline uint32_t
left32(uint32_t word, int count)
{
	return word << count | word >> (32 - count);
}

static inline uint32_t
right32(uint32_t word, int count)
{
	return word >> count | word << (32 - count);
}

static inline uint64_t
right64(uint64_t word, int count)
{
	return word >> count | word << (64 - count);
}

static inline uint32_t
big32(const uint8_t *byte)
{
	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static inline uint32_t
little32(const uint8_t *byte)
{
	return (uint32_t)byte[3] << 24 | (uint32_t)byte[2] << 16 | (uint32_t)byte[1] << 8 | byte[0];
}

static const uint32_t md5_sines[64] = {
	0xd76aa478,
	0xe8c7b756,
	0x242070db,
	0xc1bdceee,
	0xf57c0faf,
	0x4787c62a,
	0xa8304613,
	0xfd469501,
	0x698098d8,
	0x8b44f7af,
	0xffff5bb1,
	0x895cd7be,
	0x6b901122,
	0xfd987193,
	0xa679438e,
	0x49b40821,
	0xf61e2562,
	0xc040b340,
	0x265e5a51,
	0xe9b6c7aa,
	0xd62f105d,
	0x02441453,
	0xd8a1e681,
	0xe7d3fbc8,
	0x21e1cde6,
	0xc33707d6,
	0xf4d50d87,
	0x455a14ed,
	0xa9e3e905,
	0xfcefa3f8,
	0x676f02d9,
	0x8d2a4c8a,
	0xfffa3942,
	0x8771f681,
	0x6d9d6122,
	0xfde5380c,
	0xa4beea44,
	0x4bdecfa9,
	0xf6bb4b60,
	0xbebfbc70,
	0x289b7ec6,
	0xeaa127fa,
	0xd4ef3085,
	0x04881d05,
	0xd9d4d039,
	0xe6db99e5,
	0x1fa27cf8,
	0xc4ac5665,
	0xf4292244,
	0x432aff97,
	0xab9423a7,
	0xfc93a039,
	0x655b59c3,
	0x8f0ccc92,
	0xffeff47d,
	0x85845dd1,
	0x6fa87e4f,
	0xfe2ce6e0,
	0xa3014314,
	0x4e0811a1,
	0xf7537e82,
	0xbd3af235,
	0x2ad7d2bb,
	0xeb86d391,
};

static void
md5_block(uint32_t state[8], const uint8_t *block)
{
	static const uint8_t shifts[16] = { 7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15,
		21 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (int i = 0; i < 64; i++) {
		uint32_t f, next;
		int g;

		if (i < 16) {
			f = (b & c) | (~b & d);
			g = i;
		} else if (i < 32) {
			f = (d & b) | (~d & c);
			g = (5 * i + 1) & 15;
		} else if (i < 48) {
			f = b ^ c ^ d;
			g = (3 * i + 5) & 15;
		} else {
			f = c ^ (b | ~d);
			g = (7 * i) & 15;
		}
		next = b + left32(a + f + md5_sines[i] + little32(block + 4 * g),
				   shifts[(i / 16) * 4 + (i & 3)]);
		a = d;
		d = c;
		c = b;
		b = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

static void
sha1_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], w[80];

	for (int i = 0; i < 16; i++)
		w[i] = big32(block + 4 * i);
	for (int i = 16; i < 80; i++)
		w[i] = left32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f, k, next;

		if (i < 20) {
			f = (b & c) | (~b & d);
			k = 0x5a827999;
		} else if (i < 40) {
			f = b ^ c ^ d;
			k = 0x6ed9eba1;
		} else if (i < 60) {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8f1bbcdc;
		} else {
			f = b ^ c ^ d;
			k = 0xca62c1d6;
		}
		next = left32(a, 5) + f + e + k + w[i];
		e = d;
		d = c;
		c = left32(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

/* The first 32 bits of each are SHA-256's constants. */
static const uint64_t sha512_constants[80] = {
	0x428a2f98d728ae22,
	0x7137449123ef65cd,
	0xb5c0fbcfec4d3b2f,
	0xe9b5dba58189dbbc,
	0x3956c25bf348b538,
	0x59f111f1b605d019,
	0x923f82a4af194f9b,
	0xab1c5ed5da6d8118,
	0xd807aa98a3030242,
	0x12835b0145706fbe,
	0x243185be4ee4b28c,
	0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f,
	0x80deb1fe3b1696b1,
	0x9bdc06a725c71235,
	0xc19bf174cf692694,
	0xe49b69c19ef14ad2,
	0xefbe4786384f25e3,
	0x0fc19dc68b8cd5b5,
	0x240ca1cc77ac9c65,
	0x2de92c6f592b0275,
	0x4a7484aa6ea6e483,
	0x5cb0a9dcbd41fbd4,
	0x76f988da831153b5,
	0x983e5152ee66dfab,
	0xa831c66d2db43210,
	0xb00327c898fb213f,
	0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2,
	0xd5a79147930aa725,
	0x06ca6351e003826f,
	0x142929670a0e6e70,
	0x27b70a8546d22ffc,
	0x2e1b21385c26c926,
	0x4d2c6dfc5ac42aed,
	0x53380d139d95b3df,
	0x650a73548baf63de,
	0x766a0abb3c77b2a8,
	0x81c2c92e47edaee6,
	0x92722c851482353b,
	0xa2bfe8a14cf10364,
	0xa81a664bbc423001,
	0xc24b8b70d0f89791,
	0xc76c51a30654be30,
	0xd192e819d6ef5218,
	0xd69906245565a910,
	0xf40e35855771202a,
	0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8,
	0x1e376c085141ab53,
	0x2748774cdf8eeb99,
	0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63,
	0x4ed8aa4ae3418acb,
	0x5b9cca4f7763e373,
	0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc,
	0x78a5636f43172f60,
	0x84c87814a1f0ab72,
	0x8cc702081a6439ec,
	0x90befffa23631e28,
	0xa4506cebde82bde9,
	0xbef9a3f7b2c67915,
	0xc67178f2e372532b,
	0xca273eceea26619c,
	0xd186b8c721c0c207,
	0xeada7dd6cde0eb1e,
	0xf57d4f7fee6ed178,
	0x06f067aa72176fba,
	0x0a637dc5a2c898a6,
	0x113f9804bef90dae,
	0x1b710b35131c471b,
	0x28db77f523047d84,
	0x32caab7b40c72493,
	0x3c9ebe0a15c9bebc,
	0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6,
	0x597f299cfc657e2a,
	0x5fcb6fab3ad6faec,
	0x6c44198c4a475817,
};

static void
sha256_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = big32(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t early = right32(w[i - 15], 7) ^ right32(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t late = right32(w[i - 2], 17) ^ right32(w[i - 2], 19) ^ w[i - 2] >> 10;

		w[i] = w[i - 16] + early + w[i - 7] + late;
	}
	memcpy(s, state, sizeof(s));
	for (int i = 0; i < 64; i++) {
		uint32_t one = right32(s[4], 6) ^ right32(s[4], 11) ^ right32(s[4], 25);
		uint32_t zero = right32(s[0], 2) ^ right32(s[0], 13) ^ right32(s[0], 22);
		uint32_t k = (uint32_t)(sha512_constants[i] >> 32);
		uint32_t first = s[7] + one + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k + w[i];
		uint32_t second = zero + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(s[0]));
		s[4] += first;
		s[0] = first + second;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

static void
sha512_block(uint64_t state[8], const uint8_t *block)
{
	uint64_t w[80], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint64_t)big32(block + 8 * i) << 32 | big32(block + 8 * i + 4);
	for (int i = 16; i < 80; i++) {
		uint64_t early = right64(w[i - 15], 1) ^ right64(w[i - 15], 8) ^ w[i - 15] >> 7;
		uint64_t late = right64(w[i - 2], 19) ^ right64(w[i - 2], 61) ^ w[i - 2] >> 6;

		w[i] = w[i - 16] + early + w[i - 7] + late;
	}
	memcpy(s, state, sizeof(s));
	for (int i = 0; i < 80; i++) {
		uint64_t one = right64(s[4], 14) ^ right64(s[4], 18) ^ right64(s[4], 41);
		uint64_t zero = right64(s[0], 28) ^ right64(s[0], 34) ^ right64(s[0], 39);
		uint64_t first =
			s[7] + one + ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha512_constants[i] + w[i];
		uint64_t second = zero + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(s[0]));
		s[4] += first;
		s[0] = first + second;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

#if HAS_SHA_NI
static bool
has_sha_ni(void)
{
	static int answer = -1;
	unsigned a, b, c, d;

	if (answer >= 0)
		return answer;
	answer = __get_cpuid(1, &a, &b, &c, &d) && (c & 1u << 9) && (c & 1u << 19) &&
		 __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
	return answer;
}

/* The state travels as ABEF and CDGH, the order that the instructions want. */
__attribute__((target("sha,sse4.1,ssse3"))) static void
sha256_blocks_ni(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i low = _mm_loadu_si128((const __m128i *)(const void *)&state[0]);
	__m128i high = _mm_loadu_si128((const __m128i *)(const void *)&state[4]);
	__m128i abef, cdgh;

	low = _mm_shuffle_epi32(low, 0xb1);
	high = _mm_shuffle_epi32(high, 0x1b);
	abef = _mm_alignr_epi8(low, high, 8);
	cdgh = _mm_blend_epi16(high, low, 0xf0);
	for (; blocks; blocks--, bytes += 64) {
		__m128i old_abef = abef, old_cdgh = cdgh, w[4];

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(
				_mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i)),
				swap);
		for (int i = 0; i < 16; i++) {
			const uint64_t *k = &sha512_constants[4 * i];
			__m128i keys = _mm_set_epi32((int)(k[3] >> 32), (int)(k[2] >> 32),
				(int)(k[1] >> 32), (int)(k[0] >> 32));
			__m128i sum = _mm_add_epi32(w[i & 3], keys);

			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
			if (i < 12) {
				__m128i next = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);

				next = _mm_add_epi32(
					next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
				w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
			}
		}
		abef = _mm_add_epi32(abef, old_abef);
		cdgh = _mm_add_epi32(cdgh, old_cdgh);
	}
	low = _mm_shuffle_epi32(abef, 0x1b);
	high = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)&state[0], _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)&state[4], _mm_alignr_epi8(high, low, 8));
}

/* The round function's number must be a constant of the instruction. */
#define SHA1_FOUR(number) abcd = _mm_sha1rnds4_epu32(abcd, carry, number)

__attribute__((target("sha,sse4.1,ssse3"))) static void
sha1_blocks_ni(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
	const __m128i swap = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	__m128i abcd =
		_mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0x1b);
	__m128i e = _mm_set_epi32((int)state[4], 0, 0, 0);

	for (; blocks; blocks--, bytes += 64) {
		__m128i old_abcd = abcd, old_e = e, w[4], before = abcd, carry;

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(
				_mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i)),
				swap);
		for (int i = 0; i < 20; i++) {
			carry = i ? _mm_sha1nexte_epu32(before, w[i & 3]) : _mm_add_epi32(e, w[0]);
			before = abcd;
			if (i < 5)
				SHA1_FOUR(0);
			else if (i < 10)
				SHA1_FOUR(1);
			else if (i < 15)
				SHA1_FOUR(2);
			else
				SHA1_FOUR(3);
			if (i < 16) {
				__m128i next = _mm_sha1msg1_epu32(w[i & 3], w[(i + 1) & 3]);

				next = _mm_xor_si128(next, w[(i + 2) & 3]);
				w[i & 3] = _mm_sha1msg2_epu32(next, w[(i + 3) & 3]);
			}
		}
		e = _mm_sha1nexte_epu32(before, old_e);
		abcd = _mm_add_epi32(abcd, old_abcd);
	}
	_mm_storeu_si128((__m128i *)(void *)state, _mm_shuffle_epi32(abcd, 0x1b));
	state[4] = (uint32_t)_mm_extract_epi32(e, 3);
}
#endif

static void
add_blocks(struct hash *hash, const uint8_t *bytes, size_t blocks)
{
#if HAS_SHA_NI
	if ((hash->kind == HASH_SHA256 || hash->kind == HASH_SHA224) && has_sha_ni()) {
		sha256_blocks_ni(hash->words, bytes, blocks);
		return;
	}
	if (hash->kind == HASH_SHA1 && has_sha_ni()) {
		sha1_blocks_ni(hash->words, bytes, blocks);
		return;
	}
#endif
	for (size_t i = 0; i < blocks; i++, bytes += kinds[hash->kind].block) {
		if (hash->kind == HASH_MD5)
			md5_block(hash->words, bytes);
		else if (hash->kind == HASH_SHA1)
			sha1_block(hash->words, bytes);
		else if (hash->kind == HASH_SHA224 || hash->kind == HASH_SHA256)
			sha256_block(hash->words, bytes);
		else
			sha512_block(hash->longs, bytes);
	}
}

static const uint32_t start32[][8] = {
	[HASH_MD5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 },
	[HASH_SHA1] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 },
	[HASH_SHA224] = { 0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511,
		0x64f98fa7, 0xbefa4fa4 },
	[HASH_SHA256] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		0x1f83d9ab, 0x5be0cd19 },
};

static const uint64_t start64[][8] = {
	{ 0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
		0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4 },
	{ 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
		0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 },
};

void
hash_init(struct hash *hash, enum hash_kind kind)
{
	*hash = (struct hash){ .kind = kind };
	if (kind >= HASH_SHA384)
		memcpy(hash->longs, start64[kind - HASH_SHA384], sizeof(hash->longs));
	else
		memcpy(hash->words, start32[kind], sizeof(hash->words));
}

void
hash_add(struct hash *hash, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	size_t size = kinds[hash->kind].block, piece;

	hash->total += length;
	if (hash->held) {
		piece = MIN(length, size - hash->held);
		memcpy(hash->block + hash->held, next, piece);
		hash->held += piece;
		next += piece;
		length -= piece;
		if (hash->held < size)
			return;
		add_blocks(hash, hash->block, 1);
		hash->held = 0;
	}
	if (length >= size)
		add_blocks(hash, next, length / size);
	piece = length % size;
	if (piece)
		memcpy(hash->block, next + length - piece, piece);
	hash->held = piece;
}

/* One bit, zeros, and the length in bits in the last 8 (16) bytes of a block. */
static void
pad(struct hash *hash)
{
	size_t size = kinds[hash->kind].block, tail = size == 128 ? 16 : 8;
	uint64_t bits = hash->total * 8;
	static const uint8_t zeros[128] = { 0x80 };
	uint8_t length[16] = { 0 };
	size_t held = hash->held;

	hash_add(hash, zeros, held < size - tail ? size - tail - held : 2 * size - tail - held);
	for (int i = 0; i < 8; i++)
		length[tail - 8 + (size_t)i] =
			(uint8_t)(bits >> (hash->kind == HASH_MD5 ? 8 * i : 56 - 8 * i));
	hash_add(hash, length, tail);
}

size_t
hash_end(struct hash *hash, uint8_t out[HASH_SIZE_MAX])
{
	size_t size = kinds[hash->kind].size;

	pad(hash);
	for (size_t i = 0; i < size; i++) {
		if (hash->kind == HASH_MD5)
			out[i] = (uint8_t)(hash->words[i / 4] >> (8 * (i % 4)));
		else if (hash->kind >= HASH_SHA384)
			out[i] = (uint8_t)(hash->longs[i / 8] >> (56 - 8 * (i % 8)));
		else
			out[i] = (uint8_t)(hash->words[i / 4] >> (24 - 8 * (i % 4)));
	}
	return size;
}

const char *
bytes_to_hex(const uint8_t *bytes, size_t length, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * length] = '\0';
	return out;
}

const char *
hash_end_text(struct hash *hash, char out[HASH_TEXT_MAX])
{
	uint8_t digest[HASH_SIZE_MAX];
	size_t size = hash_end(hash, digest);

	return bytes_to_hex(digest, size, out);
}

size_t
hash_bytes(enum hash_kind kind, struct view bytes, uint8_t out[HASH_SIZE_MAX])
{
	struct hash hash;

	hash_init(&hash, kind);
	hash_add(&hash, bytes.data, bytes.length);
	return hash_end(&hash, out);
}

const char *
hash_text(enum hash_kind kind, struct view bytes, char out[HASH_TEXT_MAX])
{
	struct hash hash;

	hash_init(&hash, kind);
	hash_add(&hash, bytes.data, bytes.length);
	return hash_end_text(&hash, out);
}

bool
hash_find(const char *name, enum hash_kind *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!text_equals(kinds[i].name, name))
			continue;
		*out = (enum hash_kind)i;
		return true;
	}
	return false;
}
