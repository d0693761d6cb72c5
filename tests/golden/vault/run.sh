#!/bin/bash
# Vault, byte for byte: files/ was made by ansible-core's own vault with fixed salts (make.py); ertc opens them, and
# writes the same bytes with the same salt. Then the verb's actions, options, messages and exit codes, and a playbook that
# uses sealed things wherever it can. Where ansible-vault is installed, each tool also opens what the other has just sealed.
# usage: run.sh BUILD
set -u
cd "$(dirname "$0")" || exit 1
ertc=$(cd ../../.. && pwd)/$1/ertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg PAGER=cat
unset EDITOR VISUAL ANSIBLE_VAULT_PASSWORD_FILE ANSIBLE_VAULT_IDENTITY_LIST

ok() { passed=$((passed + 1)); }
no() { # NAME…
	failed=$((failed + 1))
	echo "FAIL $*"
}
same() { # NAME EXPECTED GOT
	if cmp -s "$2" "$3"; then ok; else
		no "$1"
		diff "$2" "$3" 2>&1 | head -n 10
	fi
}
vault() { "$ertc" vault "$@"; }
# The exit code, and what must be said on stderr.
says() { # CODE TEXT ARGUMENTS…
	local code=$1 text=$2 got
	shift 2
	vault "$@" > "$work/out" 2> "$work/err" < /dev/null
	got=$?
	if [ $got -eq "$code" ] && { [ -z "$text" ] || grep -qF -- "$text" "$work/err"; }; then ok; else
		no "vault $*: exit $got, and said: $(cat "$work/err")"
	fi
}

# ---- the same bytes ----
while read -r name password label; do
	id=password
	[ "$label" = - ] || id="$label@$password"
	[ "$label" != - ] || id=$password
	vault decrypt --vault-id "$password" --output - "files/$name.vault" > "$work/plain" 2> "$work/err" || no "$name: $(cat "$work/err")"
	same "decrypt $name" "files/$name" "$work/plain"
	ANSIBLE_VAULT_ENCRYPT_SALT="salt of $name" "$ertc" vault encrypt --vault-id "$id" --output - "files/$name" > "$work/sealed" || no "encrypt $name"
	same "encrypt $name" "files/$name.vault" "$work/sealed"
	if command -v ansible-vault > /dev/null; then
		vault encrypt --vault-id "$id" --output "$work/ours" "files/$name"
		ansible-vault decrypt --vault-id "$password" --output "$work/plain" "$work/ours" 2> /dev/null
		same "ansible-vault opens ours: $name" "files/$name" "$work/plain"
		ansible-vault encrypt --vault-id "$id" --output "$work/theirs" "files/$name" 2> /dev/null
		vault decrypt --vault-id "$password" --output "$work/plain" "$work/theirs"
		same "we open ansible-vault's: $name" "files/$name" "$work/plain"
	fi
done < files/list
command -v ansible-vault > /dev/null || echo "skipped: the live comparison; ansible-vault is not installed"

# ---- files in place: owner and mode stay, links stay links ----
cp files/plain "$work/file" && chmod 640 "$work/file" && ln -s file "$work/link"
vault encrypt --vault-password-file password "$work/link" || no "encrypt in place"
same "mode after encrypt" <(stat -c %a "$work/file") <(echo 640)
[ -L "$work/link" ] && ok || no "the link is gone"
same "header" <(head -n 1 "$work/file") <(echo '$ANSIBLE_VAULT;1.1;AES256')
says 1 "input is already encrypted" encrypt --vault-password-file password "$work/file"
vault view --vault-password-file password.sh "$work/file" > "$work/out"
same "view, password from a program" files/plain "$work/out"
vault rekey --vault-password-file password --new-vault-id prod@password-other "$work/file" 2> "$work/err" || no rekey
grep -qx "Rekey successful" "$work/err" && ok || no "rekey says so"
same "header after rekey" <(head -n 1 "$work/file") <(echo '$ANSIBLE_VAULT;1.2;AES256;prod')
same "mode after rekey" <(stat -c %a "$work/file") <(echo 640)
vault decrypt --vault-id any@password-other "$work/file" || no "decrypt in place"
same "decrypt in place" files/plain "$work/file"
same "mode after decrypt" <(stat -c %a "$work/file") <(echo 640)
vault encrypt --vault-password-file password < files/plain 2> /dev/null | vault decrypt --vault-password-file password - > "$work/out"
same "stdin and stdout" files/plain "$work/out"
vault encrypt --vault-password-file password --output "$work/new" files/plain
same "a new file is private" <(stat -c %a "$work/new") <(echo 600)

# ---- which password ----
vault view --vault-id prod@keys-client.sh files/labelled.vault > "$work/out"
same "a client program is asked by label" files/labelled "$work/out"
vault view --vault-id x@password-other --vault-id y@password files/labelled.vault > "$work/out"
same "every password is tried" files/labelled "$work/out"
ANSIBLE_VAULT_IDENTITY_LIST='x@password-other, y@password' vault view files/plain.vault > "$work/out"
same "vault_identity_list" files/plain "$work/out"
printf '[defaults]\nvault_password_file = %s/password\n' "$PWD" > "$work/with.cfg"
ANSIBLE_CONFIG=$work/with.cfg vault view files/plain.vault > "$work/out"
same "vault_password_file" files/plain "$work/out"
vault encrypt --vault-password-file password --output "$work/sealed-password" password-other
vault view --vault-id password --vault-id "other@$work/sealed-password" files/other.vault > "$work/out"
same "a password file that is sealed itself" files/other "$work/out"
setsid -w "$ertc" vault view --ask-vault-pass files/plain.vault < password > "$work/out" 2> "$work/err"
same "a person without a terminal" files/plain "$work/out"
grep -q "^Vault password: " "$work/err" && ok || no "the prompt"
missing="Decryption failed (no vault secrets were found that could decrypt) on files/plain.vault"
says 1 "$missing" view --vault-password-file password-other files/plain.vault
ANSIBLE_VAULT_ID_MATCH=1 says 1 "Decryption failed" view --vault-id x@password files/labelled.vault
ANSIBLE_VAULT_ID_MATCH=1 says 0 "" view --vault-id prod@password files/labelled.vault
says 1 "ERROR! Invalid vault password was provided from file" view --vault-password-file password-empty files/plain.vault
says 1 "[WARNING]: Error getting vault password file (a): The vault password file" view --vault-id a@nowhere files/plain.vault
says 1 "did not find a secret for vault-id=dev" view --vault-id dev@keys-client.sh files/labelled.vault
says 1 "is not a vault encrypted file" view --vault-password-file password files/plain
says 5 "The vault-ids a,b are available to encrypt" encrypt --vault-id a@password --vault-id b@password files/plain
says 1 "Did not find a match for --encrypt-vault-id=c in the known vault-ids ['a', 'b']" \
	encrypt --vault-id a@password --vault-id b@password --encrypt-vault-id c files/plain
says 5 "At most one input file may be used with the --output option" encrypt --vault-password-file password --output x files/plain files/block
says 2 "not allowed with argument" rekey --vault-password-file password --new-vault-id a --new-vault-password-file b "$work/file"
says 2 "there is no action" melt
says 1 "Unable to read source file" decrypt --vault-password-file password "$work/nowhere"

# ---- encrypt_string ----
ANSIBLE_VAULT_ENCRYPT_SALT="salt of no-newline" "$ertc" vault encrypt_string --vault-password-file password --name x 'no newline' > "$work/out"
{ printf 'x: !vault |\n'; sed 's/^/          /' files/no-newline.vault | head -c -1; } > "$work/expected"
same encrypt_string "$work/expected" "$work/out"
printf 'no newline' | ANSIBLE_VAULT_ENCRYPT_SALT="salt of no-newline" "$ertc" vault encrypt_string --vault-password-file password --stdin-name x > "$work/out"
same "encrypt_string, stdin" "$work/expected" "$work/out"
says 5 "stdin was empty, not encrypting" encrypt_string --vault-password-file password
says 5 "The plaintext provided from the command line args was empty" encrypt_string --vault-password-file password ''
says 0 'The last named variable will be "x"' encrypt_string --vault-password-file password a b -n x

# ---- the editor: a private file in memory that is gone afterwards ----
export EDITOR=$PWD/editor.sh EDITOR_SEEN=$work/seen
gone() { [ ! -e "$(cat "$work/seen.path")" ] && [ ! -e "$(dirname "$(cat "$work/seen.path")")" ] && ok || no "$1: the plain text is still there"; }
cp files/labelled.vault "$work/edited"
vault edit --vault-password-file password "$work/edited" || no edit
{ cat files/labelled; echo "added by hand"; } > "$work/expected"
vault view --vault-password-file password "$work/edited" > "$work/out"
same "edit" "$work/expected" "$work/out"
same "edit keeps the label" <(head -n 1 "$work/edited") <(echo '$ANSIBLE_VAULT;1.2;AES256;prod')
same "what the editor sees" <(cut -d' ' -f1 "$work/seen" | head -n 2) <(printf '600\n700\n')
[ ! -d /dev/shm ] || same "the editor's file lies in memory" <(tail -n 1 "$work/seen") <(echo memory)
gone edit
cp "$work/edited" "$work/before"
EDITOR_ENDS=unchanged vault edit --vault-password-file password "$work/edited"
same "an unchanged text is not sealed anew" "$work/before" "$work/edited"
EDITOR_ENDS=failed vault edit --vault-password-file password "$work/edited" 2> /dev/null && no "a failed editor is no success"
same "a failed editor changes nothing" "$work/before" "$work/edited"
gone "failed editor"
EDITOR_ENDS=killed vault edit --vault-password-file password "$work/edited" 2> /dev/null
gone "killed while editing"
vault create --vault-password-file password "$work/created" || no create
vault view --vault-password-file password "$work/created" > "$work/out"
same create <(echo "added by hand") "$work/out"
says 1 "exists, please use 'edit' instead" create --vault-password-file password "$work/created"
says 5 "can take only one filename argument" create --vault-password-file password

# ---- a playbook ----
mkdir "$work/target"
(cd play && "$ertc" play -v -D -i hosts site.yml -e @extra.yml -e "out=$work/target" --vault-password-file ../password \
	--vault-id prod@../password-other) > "$work/out" 2>&1 || { no "the playbook"; tail -n 20 "$work/out"; }
for secret in inline-secret from-the-other from-a-sealed-file extra-value-1 'sealed file content' 'correct horse'; do
	grep -qF "$secret" "$work/out" && no "'$secret' is printed" || ok
done
grep -qF "Vault format unhexlify error" "$work/out" || grep -qF "Vault vaulttext format error" "$work/out" && ok || no "a broken value says so"
same "template" <(echo 'sealed template for hello: inline-secret {{ not_a_template }}') "$work/target/rendered"
same "copy" <(echo 'sealed file content') "$work/target/opened"
same "copy, decrypt: false" play/files/sealed.txt "$work/target/as-it-is"
same "copy of a folder" <(echo 'in-the-tree-content') "$work/target/tree/sealed.txt"
same "content" <(echo 'inline-secret {{ not_a_template }}') "$work/target/inline"
(cd play && "$ertc" play -i hosts site.yml -e @extra.yml) > "$work/out" 2>&1 && no "without a password"
grep -qF "Attempting to decrypt but no vault secrets found" "$work/out" && ok || no "without a password: $(tail -n 2 "$work/out")"
(cd play && "$ertc" play -i hosts site.yml -e @extra.yml --vault-password-file ../password-other) > "$work/out" 2>&1
same "the exit code with a wrong password" <(echo 1) <(echo $?)
grep -qF "Decryption failed (no vault secrets were found that could decrypt)" "$work/out" && ok || no "with a wrong password"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
