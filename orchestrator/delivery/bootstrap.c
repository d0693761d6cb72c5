/*
 * The script runs under whatever /bin/sh is, but its text goes through the user's login shell
 * first: it has no single quote, exclamation mark, backslash or newline, which is all that sh, csh
 * and fish read differently within single quotes.
 *
 * Places are entered with cd before they are looked at, and names are relative from there: what
 * another user has planted fails -O, and cannot be exchanged between the test and the use. A file
 * that can be run is tried before the bytes are asked for, so a place without exec costs no
 * transfer.
 */
#include "orchestrator/delivery/bootstrap.h"

#include "orchestrator/delivery/runners.h"

#define HASH_LENGTH 40 /* of the file's name: enough, and shorter */

#define EACH_PLACE                                                                     \
	"for d in \"$7\" \"$XDG_CACHE_HOME\" \"$HOME/.cache\" /var/tmp /tmp /dev/shm " \
	"\"/run/user/$u\";do "                                                         \
	"case $d in /*);;*)continue;;esac;"

/* $1 hash, $2 size, $3 packed size for x86_64; $4 to $6 for aarch64; $7 the place asked for. */
static const char script[] =
	"umask 077;u=$(id -u);m=$(uname -m);"
	"case $m in x86_64|amd64)h=$1;l=$2;g=$3;;aarch64|arm64)h=$4;l=$5;g=$6;;*)h=-;;esac;"
	"case $(uname -s)$h in Linux[0-9a-f]*);;*)echo \"ERTC A $(uname -sm)\";exit 96;;esac;"
	/* There already? */
	EACH_PLACE "cd \"$d/ertc-$u\" 2>/dev/null||continue;"
	"[ -O . ]&&[ -O r-$h ]&&[ -x r-$h ]&&echo \"ERTC C $m\"&&exec ./r-$h;done;"
	"z=raw;n=$l;command -v gzip >/dev/null 2>&1&&{ z=gz;n=$g;};t=.t$$;" EACH_PLACE
	"mkdir -p \"$d/ertc-$u\" 2>/dev/null;cd \"$d/ertc-$u\" 2>/dev/null||continue;"
	"[ -O . ]&&chmod 711 . 2>/dev/null||continue;"
	"echo exit 0 2>/dev/null >$t||continue;chmod 700 $t;./$t 2>/dev/null||{ rm -f "
	"$t;continue;};"
	/* What gzip leaves unread is still taken from the pipe, so that a second try starts clean.
	 */
	"echo \"ERTC M $m $z\";"
	"if [ $z = gz ];then head -c $n|{ gzip -dc;cat >/dev/null;};else head -c $n;fi 2>/dev/null "
	">$t;"
	"[ \"$(wc -c <$t)\" -eq $l ]||{ rm -f $t;continue;};"
	"if command -v sha256sum >/dev/null 2>&1;then "
	"case $(sha256sum <$t) in $h*);;*)rm -f $t;continue;;esac;fi;"
	"chmod 755 $t&&mv -f $t r-$h&&exec ./r-$h;done;"
	"echo \"ERTC X $m\";exit 97";

/* $1 perl's text, $2 python's, $3 the number of memfd_create, $4 the size. */
static const char memory_script[] =
	"command -v perl >/dev/null 2>&1&&exec perl -e \"$1\" $3 $4;"
	"command -v python3 >/dev/null 2>&1&&exec python3 -c \"$2\" $3 $4;"
	"echo \"ERTC X $(uname -m)\";exit 97";

static const char perl_script[] =
	"$|=1;my($n,$l)=@ARGV;my $e=\"ertc\";my $f=syscall($n,$e,1);" /* a literal would be read-only */
	"if($f<0){print \"ERTC X -\n\";exit 97}"
	"open(my $o,\">&=\",$f);binmode $o;binmode STDIN;"
	"print \"ERTC M - raw\n\";"
	"while($l>0){my $r=sysread(STDIN,my $b,$l>65536?65536:$l);exit 98 unless $r;$l-=$r;"
	"my $w=0;while($w<$r){my $c=syswrite($o,$b,$r-$w,$w);exit 98 unless $c;$w+=$c}}"
	"exec {\"/proc/self/fd/$f\"} \"ertc-runner\";print \"ERTC X -\n\";exit 97";

static const char python_script[] =
	"import os,sys;f=os.memfd_create(\"ertc\");os.write(1,b\"ERTC M - raw\"+bytes([10]));"
	"b=sys.stdin.buffer.read(int(sys.argv[2]));o=open(f,\"wb\",closefd=False);o.write(b);o."
	"flush();"
	"os.execv(\"/proc/self/fd/%d\"%f,[\"ertc-runner\"])";

/* A path that any shell takes as it stands. */
static bool
is_plain_path(const char *path)
{
	if (path[0] != '/' || strlen(path) > 1000)
		return false;
	return path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/"
				 "._-+@%,:=")] == '\0';
}

bool
bootstrap_command(const char *remote_dir, struct str *out, struct error *err)
{
	static const char *const architectures[] = { "x86_64", "aarch64" };

	if (remote_dir && !is_plain_path(remote_dir)) {
		fail(err, ERR_OPTIONS, "'%s' cannot be used as ertc_remote_dir", remote_dir);
		return error_hint(err, "an absolute path of letters, digits and /._-+@%%,:= can");
	}
	str_add_format(out, "exec /bin/sh -c '%s' ertc", script);
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++) {
		const struct runner_image *image = runner_image_find(architectures[i]);

		if (image)
			str_add_format(out, " %.*s %zu %zu", HASH_LENGTH, image->sha256,
				image->size, image->gzip_size);
		else
			str_add(out, " - 0 0");
	}
	str_add_format(out, " %s", remote_dir ? remote_dir : "-");
	return true;
}

/* A newline may not stand in the command: perl and python are told its number. */
static void
add_without_newlines(struct str *out, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			str_add(out, "\".chr(10).\"");
		else
			str_add_char(out, *text);
}

void
bootstrap_memory_command(const char *architecture, size_t size, struct str *out)
{
	str_add_format(out, "exec /bin/sh -c '%s' ertc '", memory_script);
	add_without_newlines(out, perl_script);
	str_add_format(out, "' '%s' %d %zu", python_script,
		text_equals(architecture, "x86_64") ? 319 : 279, size);
}

/* Lines. */

static void
word_copy(struct view *rest, char *out, size_t size)
{
	struct view word = { "", 0 };
	size_t at = 0;

	if (rest->data)
		(void)!view_cut(rest, ' ', &word);
	for (; at < word.length && at + 1 < size; at++)
		out[at] = word.data[at] > ' ' && word.data[at] < 127 ? word.data[at] : '?';
	out[at] = '\0';
}

void
bootstrap_line_read(struct view line, struct bootstrap_line *out)
{
	static const struct {
		const char *mark;
		enum bootstrap_kind kind;
	} marks[] = { { "ERTC C ", BOOTSTRAP_CACHED }, { "ERTC M ", BOOTSTRAP_MISSING },
		{ "ERTC X ", BOOTSTRAP_NOWHERE }, { "ERTC A ", BOOTSTRAP_OTHER },
		{ "ERTC R ", BOOTSTRAP_RUNNING } };
	struct view rest;

	*out = (struct bootstrap_line){ .kind = BOOTSTRAP_NOISE };
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		/* Noise without a newline of its own may stand in front. */
		const char *at =
			line.length ? memmem(line.data, line.length, marks[i].mark, 7) : NULL;

		if (!at)
			continue;
		out->kind = marks[i].kind;
		rest = (struct view){ at + 7, line.length - (size_t)(at - line.data) - 7 };
		word_copy(&rest, out->words[0], sizeof(out->words[0]));
		word_copy(&rest, out->words[1], sizeof(out->words[1]));
		return;
	}
}
