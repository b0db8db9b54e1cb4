"""BLAKE3 in forked children whose parent has used all its threads."""

import subprocess
import sys

SCRIPT = """
import os, signal, sys, brinery
big = bytes(8_000_000)
mine = brinery.digest(big)
data = brinery.dumps(big)
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    signal.alarm(60)
    same = brinery.digest(big) == mine and brinery.loads(data) == big
    from brinery.trust import sign, verify
    verify(sign(big))
    os.write(writing, b"same" if same else b"other")
    os._exit(0)
os.waitpid(child, 0)
print(os.read(reading, 10).decode())
"""


def test_a_forked_child_hashes_what_its_parent_did():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "same\n"
