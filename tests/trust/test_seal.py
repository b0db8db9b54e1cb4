"""What one's own processes sealed, and nothing else, is known as one's own."""

import pickle
import pickletools
import subprocess
import sys
import threading

import numpy as np
import pytest

from brinery.codec import encode
from brinery.errors import IntegrityError
from brinery.trust import keyring, opened, sign
from brinery.trust.checksums import PIECE, checksum
from brinery.trust.identity import Identity
from brinery.trust.keyring import Keyring, OwnKey
from brinery.trust.seal import SealKey, packed
from brinery.trust.trailer import PROOF_SIZES, SEAL, SIGNATURE, around_proof, check_rest

PAYLOAD = pickle.dumps({"numbers": [1, 2, 3], "text": "abc"})


def seal(payload=PAYLOAD, spans=(), context=b""):
    return payload + keyring().current.seal.trailer(payload, spans, context=context)


def trailer_of(kind, head, proof):
    before, after = around_proof(kind, head)
    return before + proof + after


def end_of_pickle(data):
    """Where STOP is, by the stdlib's own reader; None if the bytes are no pickle."""
    try:
        return next(position for opcode, _, position in pickletools.genops(bytes(data)) if opcode.name == "STOP") + 1
    except ValueError:
        return None


def load_path(data):
    """What loading does: the trailer, then what is left after STOP. True if the bytes count as one's own."""
    made = opened(data)
    if made.origin is not None:
        return True
    end = end_of_pickle(made.payload)
    if end is not None:
        check_rest(made.payload[end:])
    return False


def test_what_was_sealed_is_ones_own():
    made = opened(seal())
    assert bytes(made.payload) == PAYLOAD
    assert made.origin.kind == "own"
    assert pickle.loads(seal()) == pickle.loads(PAYLOAD)


def test_what_was_not_sealed_is_nobodys():
    made = opened(PAYLOAD)
    assert (bytes(made.payload), made.origin) == (PAYLOAD, None)
    assert "neither sealed nor signed" in made.reason


@pytest.mark.parametrize("short", [b"", b".", b"N.", PAYLOAD[:11]])
def test_bytes_shorter_than_a_trailer_are_nobodys(short):
    assert opened(short).origin is None


@pytest.mark.parametrize("kind", [bytearray, memoryview, bytes])
def test_any_buffer_opens(kind):
    assert bytes(opened(kind(seal())).payload) == PAYLOAD


@pytest.mark.parametrize(
    "made",
    [seal, lambda: seal(spans=[(4, 9), (20, 3)]), lambda: seal(sign(PAYLOAD))],
    ids=["plain", "with spans", "around a signature"],
)
def test_one_bit_flipped_anywhere_is_seen(made):
    data = made()
    assert load_path(data)
    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            # A flip may make the payload end early or not at all: then it is not one's own, and nothing is loaded.
            with pytest.raises(IntegrityError):
                load_path(bytes(flipped))


def test_one_bit_flipped_in_the_trailer_of_someone_else_is_seen_but_in_the_mac():
    data = SealKey(bytes(32)).sealed(PAYLOAD)
    assert not load_path(data)
    for position in (*range(len(PAYLOAD), len(data) - 44), *range(len(data) - 12, len(data))):
        flipped = bytearray(data)
        flipped[position] ^= 1
        with pytest.raises(IntegrityError):
            load_path(bytes(flipped))


def test_what_is_cut_short_is_never_ones_own():
    data = seal()
    for length in range(len(data)):
        if length <= len(PAYLOAD):
            # No more than an unsealed pickle, or a broken one.
            assert not load_path(data[:length])
        else:
            with pytest.raises(IntegrityError):
                load_path(data[:length])


@pytest.mark.parametrize("appended", [b"\0", b".", b"\x8d", PAYLOAD, b"x" * 100])
def test_appended_bytes_are_seen(appended):
    with pytest.raises(IntegrityError):
        load_path(seal() + appended)


def test_spliced_files_are_seen():
    one, other = seal(), seal(pickle.dumps("another"))
    for data in (one + other, one[: len(PAYLOAD)] + other[-57:], one[:-57] + one, other + one[-57:]):
        with pytest.raises(IntegrityError):
            load_path(data)


def test_a_seal_holds_for_its_context_only():
    data = seal(context=b"cache/a")
    assert opened(data, context=b"cache/a").origin.kind == "own"
    for context in (b"", b"cache/b", b"cache/a\0"):
        with pytest.raises(IntegrityError):
            opened(data, context=context)
    with pytest.raises(IntegrityError):
        opened(seal(), context=b"cache/a")


def test_bytes_cannot_move_between_payload_and_context():
    payload, context = b"N.", b"abc"
    trailer = keyring().current.seal.trailer(payload, context=context)
    with pytest.raises(IntegrityError):
        opened(payload + b"a" + trailer, context=b"bc")


def test_spans_are_under_the_mac():
    key = keyring().current.seal
    payload = bytes(range(200)) + b"."
    mac = key.trailer(payload, [(10, 50)])[-44:-12]
    assert opened(payload + trailer_of(SEAL, key.id + packed([(10, 50)]), mac)).origin.kind == "own"
    for spans in ([], [(10, 51)], [(10, 50), (100, 0)], [(9, 50)]):
        with pytest.raises(IntegrityError):
            opened(payload + trailer_of(SEAL, key.id + packed(spans), mac))


@pytest.mark.parametrize("spans", [[(0, 10**6)], [(20, 5), (10, 5)], [(10, 5), (14, 5)], [(2**64 - 1, 2**64 - 1)]])
def test_spans_that_are_not_in_the_payload_are_refused(spans):
    key = keyring().current.seal
    with pytest.raises(IntegrityError):
        opened(PAYLOAD + trailer_of(SEAL, key.id + packed(spans), bytes(32)))


def test_a_trailer_of_an_unknown_kind_or_an_odd_size_is_refused():
    for kind, head in ((SEAL, b""), (SEAL, bytes(9)), (SIGNATURE, bytes(31)), (SIGNATURE, bytes(33))):
        with pytest.raises(IntegrityError):
            opened(PAYLOAD + trailer_of(kind, head, bytes(PROOF_SIZES[kind])))
    unknown = seal()[:-57] + seal()[-57:].replace(b"S", b"?", 1)
    with pytest.raises(IntegrityError, match="later version"):
        opened(unknown)


def test_the_seal_of_someone_else_counts_for_nothing():
    made = opened(SealKey(bytes(32)).sealed(PAYLOAD))
    assert (bytes(made.payload), made.origin) == (PAYLOAD, None)
    assert "someone else" in made.reason


def test_old_own_keys_still_open():
    data = seal()
    old, new = keyring().own[0], OwnKey(Identity.new())
    assert opened(data, keys=Keyring((old, new))).origin.kind == "own"
    assert opened(data, keys=Keyring((new,))).origin is None


def test_another_process_of_the_user_opens_it(home):
    script = "import sys; from brinery.trust import opened; print(opened(sys.stdin.buffer.read()).origin)"
    done = subprocess.run([sys.executable, "-c", script], input=seal(), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "Origin(kind='own', name=None)"


def test_what_the_encoder_seals_opens_and_is_what_it_would_be_without(home):
    array = np.arange(300_000)
    for obj in (["text", 1.5], [array, b"x" * 100_000, array * 2], b"y" * 2_000_000):
        data = encode(obj, 5, tail=keyring().current.seal.trailer)
        made = opened(data)
        assert made.origin.kind == "own"
        assert bytes(made.payload) == encode(obj, 5)


def test_numbers_in_a_span_and_bytes_around_it_are_under_the_mac():
    array = np.arange(300_000)
    data = encode([b"before", array, b"after"], 5, tail=keyring().current.seal.trailer)
    start = data.index(array.tobytes()[:64])
    for position in (start - 9, start - 1, start, start + 100_000, start + array.nbytes - 1, start + array.nbytes, 20):
        flipped = bytearray(data)
        flipped[position] ^= 1
        with pytest.raises(IntegrityError):
            opened(flipped)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 3 * PIECE + 5])
def test_the_checksum_is_of_every_byte_and_of_the_seed(size):
    memory = bytearray(range(256)) * (size // 256 + 1)
    view = memoryview(memory)[:size]
    before = checksum(view, 1)
    assert checksum(view, 1) == before
    assert size == 0 or checksum(view, 2) != before
    for position in {0, size // 2, size - 1} if size else ():
        memory[position] ^= 1
        assert checksum(view, 1) != before
        memory[position] ^= 1


def test_the_checksum_needs_no_threads(monkeypatch):
    memory = memoryview(bytes(range(256)) * (PIECE // 32))
    expected = checksum(memory, 1)

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert checksum(memory, 1) == expected
