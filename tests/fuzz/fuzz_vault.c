/* libFuzzer: vault texts from a hostile repository. Nothing may crash, leak, or be taken for
 * genuine: no fuzzer guesses an HMAC. */
#include "vault/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct view text = { (const char *)bytes, length };
	struct vault_envelope envelope;
	struct vault_body body = { 0 };
	struct error err = { 0 };

	if (vault_envelope_parse(text, &envelope, &err)) {
		if (envelope.body.data + envelope.body.length != text.data + text.length)
			BUG("the body does not end with the text");
		if (vault_body_read(envelope.body, &body, &err)) {
			struct str again = STR_INIT;

			/* What was read is written and read again as the same. */
			vault_envelope_add("x", str_view(&body.salt), str_view(&body.mac),
				str_view(&body.text), &again);
			vault_body_release(&body);
			if (!vault_envelope_parse(str_view(&again), &envelope, &err) ||
				!vault_body_read(envelope.body, &body, &err))
				BUG("our own vault text cannot be read");
			str_release(&again);
		}
		vault_body_release(&body);
	} else if (err.kind != ERR_PARSE) {
		BUG("a broken header gave an error of kind %d", (int)err.kind);
	}
	return 0;
}
