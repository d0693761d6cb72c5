# Tests. `check` needs neither root nor network; each program prints what it ran and ends with 1 if something failed.

TESTS := $(BUILD)/tests
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(TESTS)/%)
TEST_PROGRAMS := $(UNIT_TESTS) $(TESTS)/template $(TESTS)/modules $(TESTS)/terminal

$(TESTS)/test_%: tests/unit/test_%.c $(BUILD)/libertc.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LINK_HARDENING) -o $@ $< $(BUILD)/libertc.a $(LIBS) -lcmocka

$(TESTS)/template: tests/template/test_template.c $(BUILD)/libertc.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LINK_HARDENING) -o $@ $< $(BUILD)/libertc.a $(LIBS)

$(TESTS)/modules: tests/modules/run.c $(BUILD)/libertc.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LINK_HARDENING) -o $@ $< $(BUILD)/libertc.a $(LIBS)

$(TESTS)/terminal: tests/golden/terminal/terminal.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LINK_HARDENING) -o $@ $< -lutil

$(BUILD)/libertc.a: $(TESTABLE_OBJECTS) $(BUILD)/obj/gen/runners.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^

check: all $(TEST_PROGRAMS)
	bash tests/check.sh $(BUILD)

# AWS end to end, against a server that stands for it, and ansible-inventory beside ours.
check-aws: all
	bash tests/aws/moto.sh $(BUILD)

check-asan:
	$(MAKE) BUILD=$(BUILD)/asan CROSS=$(CROSS) CC=clang OPTIMIZE="-O1 -g" \
		SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all" check

lint: all $(BUILD)/libertc.a
	bash tests/lint/run.sh $(BUILD)

lengths:
	@bash tests/lint/lengths.sh

analyze:
	bash tests/lint/analyze.sh $(BUILD)

lab: all
	bash tests/lab/lab scenario all

demo:
	bash scripts/demo.sh

bench: all
	bash tests/bench/run.sh $(BUILD)

bench-inventory: all
	bash tests/bench/inventory/run.sh $(BUILD)

FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	$(MAKE) BUILD=$(BUILD)/fuzz CROSS=$(CROSS) CC=clang OPTIMIZE="-O1 -g" \
		SANITIZE="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all" fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZERS:%=$(TESTS)/fuzz_%)
	@good=0; bad=0; for name in $(FUZZERS); do corpus=$(BUILD)/corpus/$$name; mkdir -p $$corpus; \
	  if $(TESTS)/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$$corpus- $$corpus > $$corpus.log 2>&1; \
	  then good=$$((good+1)); echo "ok    fuzz $$name: $$(sed -n 's/^Done \([0-9]*\) runs.*/\1 runs/p' $$corpus.log)"; \
	  else bad=$$((bad+1)); echo "FAIL  fuzz $$name"; grep -E 'SUMMARY|runtime error|written to' $$corpus.log; fi; done; \
	  echo "$$good passed, $$bad failed"; [ $$bad = 0 ]

$(TESTS)/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/libertc.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-missing-prototypes -fsanitize=fuzzer $(LINK_HARDENING) -o $@ $< $(BUILD)/libertc.a $(LIBS)

test:
	bash scripts/install-deps.sh test
	bash scripts/test.sh
