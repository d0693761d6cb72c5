# Tests. `check` needs neither root nor network.

check:
