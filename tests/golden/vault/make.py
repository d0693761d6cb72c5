#!/usr/bin/python3
"""Makes files/ with ansible-core's own vault, with fixed salts: run it where ansible-core is installed."""
from ansible.parsing.vault import VaultAES256, VaultSecret, format_vaulttext_envelope

PASSWORDS = {"password": "correct horse", "password-unicode": "päss wörd", "password-other": "other"}
CASES = [  # name, password, label, plain text
    ("plain", "password", None, b"a line\nanother\n"),
    ("empty", "password", None, b""),
    ("no-newline", "password", None, b"no newline"),
    ("block", "password", None, b"0123456789abcdef"),
    ("binary", "password", None, bytes(range(256))),
    ("labelled", "password", "prod", b"labelled\n"),
    ("default-label", "password", "default", b"labelled default\n"),
    ("unicode", "password-unicode", "grün", "grüße ☃\n".encode()),
    ("large", "password", None, b"0123456789abcdef\n" * 500),
    ("other", "password-other", None, b"with another password\n"),
]
for name, password, label, plain in CASES:
    salt = ("salt of %s" % name).encode()
    text = VaultAES256.encrypt(plain, VaultSecret(PASSWORDS[password].encode()), salt)
    with open("files/%s.vault" % name, "wb") as sealed:
        sealed.write(format_vaulttext_envelope(text, "AES256", vault_id=label))
    with open("files/%s" % name, "wb") as file:
        file.write(plain)
with open("files/list", "w") as file:
    for name, password, label, plain in CASES:
        file.write("%s %s %s\n" % (name, password, label or "-"))
