# ertc-play: one non-recursive Makefile. `make` builds everything under build/; nothing else is written.
#
#   make            the program (build/ertc, build/ertc-play) with its runners inside
#   make runner     only the runners            make check        unit, module and template tests (no root, no network)
#   make lint       layers, headers, roles      make check-asan   the same under ASan and UBSan
#   make lab        whole runs on real hosts (root)               make demo   the site on the lab's hosts, in a browser
#   make bench      against Ansible and mitogen (root)            make fuzz   FUZZ_SECONDS=30 each
#   make check-aws  the inventory against moto                    make bench-inventory   against ansible-inventory
#   make size       the runner's promise        make lengths      the longest functions
#   make install PREFIX=/usr/local DESTDIR=     make test         everything CI runs (root)

VERSION := 0.1.0
ifeq ($(origin CC),default)
CC := gcc
endif
Q := $(if $(V),,@)
BUILD ?= build
PREFIX ?= /usr/local
RUNNER_ARCHS ?= x86_64 aarch64
RUNNER_LIMIT_KIB := 320
FUZZ_SECONDS ?= 30

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla \
	-Wformat=2 -Wundef -Wcast-qual -Wimplicit-fallthrough -Wno-missing-field-initializers
MACHINE := $(shell uname -m)
HARDENING := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE \
	$(if $(filter x86_64,$(MACHINE)),-fcf-protection)
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack
OPTIMIZE ?= -O2 -g
SANITIZE ?=
CPPFLAGS := -D_GNU_SOURCE -DERTC_VERSION='"$(VERSION)"' -DERTC_RUNNERS='"$(RUNNER_ARCHS)"' -Ilib -I. -I$(BUILD)/gen
CFLAGS := -std=gnu17 $(OPTIMIZE) $(WARNINGS) $(if $(SANITIZE),$(SANITIZE) -fno-omit-frame-pointer -fPIE,$(HARDENING))
LIBS := -lssh -lyaml -lcrypto -lpcre2-8 -ljansson -lexpat -lz -lcrypt -lm -lpthread

# ---- what there is ----

LIB_SOURCES := $(wildcard lib/*/*.c)
MODULE_SOURCES := $(wildcard modules/*.c modules/facts/*.c)
ROLE_SOURCES := $(wildcard roles/*.c roles/*/*.c)
PROGRAM_SOURCES := $(LIB_SOURCES) $(MODULE_SOURCES) $(ROLE_SOURCES) $(wildcard inventory/*/*.c orchestrator/*/*.c)
PROGRAM_OBJECTS := $(PROGRAM_SOURCES:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/modules.o $(BUILD)/obj/gen/roles.o \
	$(BUILD)/obj/gen/python.o
TESTABLE_OBJECTS := $(filter-out %/orchestrator/cli/main.o,$(PROGRAM_OBJECTS))
RUNNER_SOURCES := $(wildcard lib/base/*.c lib/value/*.c lib/wire/*.c lib/module/*.c runner/*.c) \
	$(filter-out lib/os/loop.c,$(wildcard lib/os/*.c)) $(MODULE_SOURCES)

MODULE_NAMES := $(basename $(notdir $(wildcard modules/*.c)))
ROLE_NAMES := $(foreach role,$(wildcard roles/*/),$(notdir $(role:%/=%)))
ROLE_FILES := $(sort $(wildcard roles/*/templates/* roles/*/files/*))

.PHONY: all runner check check-asan check-aws lint analyze lab demo bench bench-inventory fuzz size lengths install clean test golden deps
.SUFFIXES:
.SECONDARY:

all: $(BUILD)/ertc $(BUILD)/ertc-play

$(BUILD)/ertc: $(PROGRAM_OBJECTS) $(BUILD)/obj/gen/runners.o
	$(Q)$(CC) $(CFLAGS) $(LINK_HARDENING) -o $@ $^ $(LIBS)

$(BUILD)/ertc-play: $(BUILD)/ertc
	ln -sf ertc $@

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- tables written from file names ----

$(BUILD)/gen/modules.c: Makefile $(wildcard modules/*.c)
	@mkdir -p $(@D)
	@{ echo '#include "module/module.h"'; \
	  for name in $(MODULE_NAMES); do echo "extern const struct module module_$$name;"; done; \
	  echo 'const struct module *const module_table[] = {'; \
	  for name in $(MODULE_NAMES); do echo "	&module_$$name,"; done; echo '	NULL };'; } > $@

$(BUILD)/gen/roles.c: Makefile $(wildcard roles/*/*.c) $(ROLE_FILES)
	@mkdir -p $(@D)
	@{ echo '#include "roles/role.h"'; \
	  for name in $(ROLE_NAMES); do echo "extern const struct role_table role_$$name;"; done; n=0; \
	  for file in $(ROLE_FILES); do n=$$((n+1)); \
	    printf '__asm__(".section .rodata\\n.global role_file_%d\\nrole_file_%d:\\n.incbin \\"%s\\"\\nrole_file_%d_end:\\n.global role_file_%d_end\\n.byte 0\\n.previous");\n' $$n $$n $$file $$n $$n; \
	    echo "extern const unsigned char role_file_$$n[], role_file_$${n}_end[];"; done; \
	  echo 'const struct role_table *const role_tables[] = {'; \
	  for name in $(ROLE_NAMES); do echo "	&role_$$name,"; done; echo '	NULL };'; \
	  echo 'const struct role_file role_files[] = {'; n=0; \
	  for file in $(ROLE_FILES); do n=$$((n+1)); rest=$${file#roles/}; \
	    printf '	{ "%s", "%s", role_file_%d, %d },\n' $${rest%%/*} $${rest#*/} $$n $$(wc -c < $$file); done; \
	  echo '	{ NULL, NULL, NULL, 0 } };'; } > $@

$(BUILD)/gen/python.c: Makefile modules/python/compat.py
	@mkdir -p $(@D)
	@{ echo '#include "modules/python/compat.h"'; \
	  printf '__asm__(".section .rodata\\n.global python_compat\\npython_compat:\\n.incbin \"%s\"\\n.byte 0\\n.previous");\n' modules/python/compat.py; \
	  echo "const size_t python_compat_size = $$(wc -c < modules/python/compat.py);"; } > $@

# ---- the runners: static, musl, one per architecture ----

# Without scheduling and alignment gzip finds more that is alike.
RUNNER_FLAGS := -std=gnu17 -Os -fno-pie -fno-schedule-insns2 -fno-align-functions -fno-reorder-blocks \
	-D_GNU_SOURCE -DERTC_RUNNER -DERTC_VERSION='"$(VERSION)"' -DPCRE2_STATIC -Ilib -I. \
	$(WARNINGS) -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-fno-stack-protector -Wno-override-init
RUNNER_LINK := -static -Wl,-T,scripts/runner.ld -Wl,--gc-sections -Wl,-z,noexecstack -Wl,--build-id=none -s
RUNNER_CC_x86_64 := musl-gcc
RUNNER_GLUE_x86_64 := /usr/lib/x86_64-linux-gnu/libpcre2-8.a
CROSS := $(BUILD)/cross
# Everything within one MiB, so that addresses take one instruction; the linker says if it no longer is.
RUNNER_CC_aarch64 := aarch64-linux-gnu-gcc -mcmodel=tiny -nostdinc -isystem $(CROSS)/usr/include/aarch64-linux-musl \
	-isystem $(shell aarch64-linux-gnu-gcc -print-file-name=include 2>/dev/null) -mno-outline-atomics
CROSS_LIB := $(CROSS)/usr/lib/aarch64-linux-musl
RUNNER_GLUE_aarch64 := $(CROSS)/usr/lib/aarch64-linux-gnu/libpcre2-8.a

runner: $(RUNNER_ARCHS:%=$(BUILD)/runner-%.gz)

# pcre2.h alone: the rest of /usr/include is glibc's and must not be seen.
$(BUILD)/gen/pcre2/pcre2.h: /usr/include/pcre2.h
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/gen/runner_modules.c: $(BUILD)/gen/modules.c
	cp $< $@

define RUNNER_RULES
RUNNER_OBJECTS_$(1) := $(RUNNER_SOURCES:%.c=$(BUILD)/runner/$(1)/%.o) $(BUILD)/runner/$(1)/gen/runner_modules.o

$(BUILD)/runner/$(1)/%.o: %.c $(BUILD)/gen/pcre2/pcre2.h $$(CROSS_READY_$(1))
	@mkdir -p $$(@D)
	$(Q)$$(RUNNER_CC_$(1)) $$(RUNNER_FLAGS) -I$(BUILD)/gen/pcre2 -MMD -MP -c -o $$@ $$<

$(BUILD)/runner/$(1)/gen/%.o: $(BUILD)/gen/%.c $$(CROSS_READY_$(1))
	@mkdir -p $$(@D)
	$(Q)$$(RUNNER_CC_$(1)) $$(RUNNER_FLAGS) -MMD -MP -c -o $$@ $$<

$(BUILD)/runner-$(1).gz: $(BUILD)/runner-$(1)
	gzip -9nc $$< > $$@
endef
CROSS_READY_aarch64 := $(CROSS)/ready
$(foreach arch,$(RUNNER_ARCHS),$(eval $(call RUNNER_RULES,$(arch))))

$(BUILD)/runner-x86_64: $(RUNNER_OBJECTS_x86_64)
	$(Q)musl-gcc $(RUNNER_LINK) -o $@ $^ $(RUNNER_GLUE_x86_64)

$(BUILD)/runner-aarch64: $(RUNNER_OBJECTS_aarch64)
	$(Q)aarch64-linux-gnu-gcc $(RUNNER_LINK) -nostdlib -o $@ $(CROSS_LIB)/crt1.o $(CROSS_LIB)/crti.o $^ \
		$(RUNNER_GLUE_aarch64) -L$(CROSS_LIB) -lc -lgcc $(CROSS_LIB)/crtn.o

# The cross parts, unpacked under build/ with apt's private state: the machine gets no foreign architecture.
$(CROSS)/ready: scripts/cross.sh
	bash scripts/cross.sh $(CROSS)
	touch $@

$(BUILD)/gen/runners.c: $(RUNNER_ARCHS:%=$(BUILD)/runner-%.gz)
	@mkdir -p $(@D)
	@{ echo '#include "orchestrator/delivery/runners.h"'; \
	  for arch in $(RUNNER_ARCHS); do \
	    printf '__asm__(".section .rodata\\n.global runner_%s_gz\\nrunner_%s_gz:\\n.incbin \\"%s\\"\\n.byte 0\\n.previous");\n' $$arch $$arch $(BUILD)/runner-$$arch.gz; \
	    echo "extern const unsigned char runner_$${arch}_gz[];"; done; \
	  echo 'const struct runner_image runner_images[] = {'; \
	  for arch in $(RUNNER_ARCHS); do \
	    printf '	{ "%s", runner_%s_gz, %d, %d, "%s" },\n' $$arch $$arch $$(wc -c < $(BUILD)/runner-$$arch.gz) \
	      $$(wc -c < $(BUILD)/runner-$$arch) $$(sha256sum $(BUILD)/runner-$$arch | cut -d' ' -f1); done; \
	  echo '	{ NULL, NULL, 0, 0, NULL } };'; } > $@

size: runner
	@for arch in $(RUNNER_ARCHS); do kib=$$(( ($$(wc -c < $(BUILD)/runner-$$arch.gz) + 1023) / 1024 )); \
	  echo "runner $$arch: $$(wc -c < $(BUILD)/runner-$$arch) bytes, $$kib KiB gzip'd (promise: $(RUNNER_LIMIT_KIB))"; \
	  [ $$kib -le $(RUNNER_LIMIT_KIB) ] || exit 1; done

include tests/tests.mk

# ---- install ----

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(BUILD)/ertc $(DESTDIR)$(PREFIX)/bin/ertc
	ln -sf ertc $(DESTDIR)$(PREFIX)/bin/ertc-play
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 docs/man/ertc-play.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ertc-play

deps:
	bash scripts/install-deps.sh

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
