# The whole site from empty hosts: bastion with NAT, frontend with RTMP and HLS, streamer behind the bastion.

PLAYLIST=http://203.0.113.22/hls/my-video.m3u8
SITE=(-i $INVENTORY playbooks/site.yml)

# A film as one would have it: ten seconds of H.264 and AAC, made on the controller.
film_make() {
	ffmpeg -hide_banner -loglevel error -y -f lavfi -i testsrc2=size=320x180:rate=25 \
		-f lavfi -i sine=frequency=440:sample_rate=48000 -t 10 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
		-g 50 -c:a aac $LAB/home/my-video.mp4
}

fetch() { on_laptop curl -sf --max-time 5 "$1"; }
sequence() { fetch $PLAYLIST | sed -n 's/#EXT-X-MEDIA-SEQUENCE://p;/\.ts/p' | sort | md5sum; }
playlist_grew() { [ "$(sequence)" != "$SEEN" ] && fetch $PLAYLIST | grep -q '\.ts'; }

# The private host asks the packages' server for a path of its own; the answer is a 404, the witness is the log.
backend_asks() {
	in_host backend timeout 5 bash -c "exec 3<>/dev/tcp/203.0.113.10/80; printf 'GET /$1 HTTP/1.0\r\n\r\n' >&3; head -n 1 <&3"
}
seen_from() { awk -v path="/$1" '$7 == path { print $1 }' $LAB/services.log; }

film_make
STREAMER_SOURCE=$LAB/home/my-video.mp4
lab_up
check "the backend has no way to the internet before" test -z "$(backend_asks before 2> /dev/null)"

ertc "${SITE[@]}"
check_ran "the site is made from empty hosts" 0 $? || return
cp $LAB/out $LAB/out.first
for host in bastion frontend backend; do
	check_is "$host: nothing failed" "0 0" "$(recap $host failed) $(recap $host unreachable)"
	check "$host: something changed" test "$(recap $host changed)" -gt 0
done
check "the playlist is served to the laptop" wait_until 40 fetch $PLAYLIST
SEEN=$(sequence)
check "the playlist grows" wait_until 20 playlist_grew
STREAMS=$(on_laptop timeout 30 ffprobe -v error -show_entries stream=codec_name -of csv=p=0 $PLAYLIST 2>&1 | sort -u | xargs)
check_is "ffprobe sees H.264 and AAC" "aac h264" "$STREAMS"
check "the player page is served" sh -c "$(declare -f in_net on_laptop fetch); LAB=$LAB; fetch http://203.0.113.22/ | grep -q my-video"
check "the backend reaches the internet" backend_asks after-nat
check_is "and shows the bastion's address there" 203.0.113.21 "$(seen_from after-nat)"
check_is "its packages came that way too" 203.0.113.21 "$(awk '/ffmpeg_/ { print $1 }' $LAB/services.log | sort -u)"
check_not "the laptop has no road to the backend but the bastion" \
	on_laptop timeout 2 bash -c 'exec 3<>/dev/tcp/10.77.2.31/22'

ertc "${SITE[@]}"
check_ran "a second run succeeds" 0 $?
for host in bastion frontend backend; do
	check_is "$host: a second run changes nothing" "0 0" "$(recap $host changed) $(recap $host failed)"
done
[ $FAILED = 0 ] || grep -B 3 ^changed: $LAB/out

BOOTED=$(in_host bastion stat -c %Y /proc/1)
check "the bastion boots again" host_reboot bastion
check "(it is another boot)" test "$(in_host bastion stat -c %Y /proc/1)" != "$BOOTED"
check "NAT works after the boot" wait_until 15 backend_asks after-boot
check_is "and still shows the bastion's address" 203.0.113.21 "$(seen_from after-boot | sort -u)"
SEEN=$(sequence)
check "the stream goes on" wait_until 20 playlist_grew
