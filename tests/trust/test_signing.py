"""A signature tells everybody who signed, and that nothing has changed since."""

import pickle

import pytest

from brinery.errors import IntegrityError, UntrustedError
from brinery.trust import Origin, keyring, opened, sign, verify
from brinery.trust.identity import Identity
from brinery.trust.keyring import Keyring, OwnKey
from brinery.trust.trailer import END

PAYLOAD = pickle.dumps({"numbers": [1, 2, 3], "text": "abc"})


def ring_of(identity, **rest):
    return Keyring((OwnKey(identity),), **rest)


@pytest.mark.parametrize("data", [b"", PAYLOAD, b"x" * 3_000_000, b"ends like a trailer" + END])
def test_signed_bytes_come_back_with_their_signer(data):
    assert verify(sign(data)) == (data, Origin("own"))


def test_a_signed_pickle_is_still_one():
    assert pickle.loads(sign(PAYLOAD)) == pickle.loads(PAYLOAD)


def test_signed_twice_comes_back_signed_once():
    assert verify(sign(sign(PAYLOAD)))[0] == sign(PAYLOAD)


def test_one_bit_flipped_anywhere_is_seen():
    data = sign(PAYLOAD)
    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            with pytest.raises(IntegrityError):
                verify(bytes(flipped))


def test_cut_short_appended_to_and_spliced_bytes_are_seen():
    data, other = sign(PAYLOAD), sign(b"another")
    bad = [data[:length] for length in range(len(data))]
    bad += [data + b"\0", data + data, data + other, data[: len(PAYLOAD)] + other[len(b"another") :], b"a" + data]
    for each in bad:
        with pytest.raises(IntegrityError):
            verify(each)


def test_bytes_that_are_not_signed_are_refused():
    for data in (PAYLOAD, keyring().current.seal.sealed(PAYLOAD)):
        with pytest.raises(IntegrityError, match="not signed"):
            verify(data)


def test_a_signature_holds_for_its_context_only():
    data = sign(PAYLOAD, context=b"model")
    assert verify(data, context=b"model")[0] == PAYLOAD
    with pytest.raises(IntegrityError):
        verify(data)


def test_a_stranger_is_not_trusted_until_named():
    alice, bob = Identity.new(), Identity.new()
    data = sign(PAYLOAD, identity=alice)
    with pytest.raises(UntrustedError, match=f"brinery keys trust NAME {alice.public.text}"):
        verify(data, keys=ring_of(bob))
    assert opened(data, keys=ring_of(bob)).origin is None
    named = ring_of(bob).trusting("alice", alice.public)
    assert verify(data, keys=named)[1] == opened(data, keys=named).origin == Origin("trusted", "alice")


def test_a_revoked_key_counts_no_more_and_another_of_the_name_still_does():
    first, second, me = Identity.new(), Identity.new(), Identity.new()
    keys = ring_of(me).trusting("alice", first.public).trusting("alice", second.public)
    keys = keys.revoking(first.public, "2026-01-01T00:00:00Z")
    with pytest.raises(UntrustedError, match="revoked on 2026-01-01"):
        verify(sign(PAYLOAD, identity=first), keys=keys)
    made = opened(sign(PAYLOAD, identity=first), keys=keys)
    assert made.origin is None
    assert "revoked" in made.reason
    assert verify(sign(PAYLOAD, identity=second), keys=keys)[1].name == "alice"


def test_a_revoked_own_key_counts_no_more():
    old, new = Identity.new(), Identity.new()
    keys = Keyring((OwnKey(old), OwnKey(new))).revoking(old.public, "2026-01-01T00:00:00Z")
    for data in (old.seal.sealed(PAYLOAD), sign(PAYLOAD, identity=old)):
        made = opened(data, keys=keys)
        assert (bytes(made.payload), made.origin) == (PAYLOAD, None)
        assert "revoked" in made.reason
    assert opened(new.seal.sealed(PAYLOAD), keys=keys).origin.kind == "own"


def test_sealed_and_signed_bytes_open_for_the_user_and_for_others():
    alice, bob = Identity.new(), Identity.new()
    data = alice.seal.sealed(sign(PAYLOAD, identity=alice))
    own = opened(data, keys=ring_of(alice))
    others = opened(data, keys=ring_of(bob).trusting("alice", alice.public))
    assert (bytes(own.payload), own.origin) == (PAYLOAD, Origin("own"))
    assert (bytes(others.payload), others.origin) == (PAYLOAD, Origin("trusted", "alice"))


def test_a_signature_of_something_else_by_the_same_key_is_none():
    identity = keyring().current
    data = sign(PAYLOAD)
    forged = data[: -64 - 12] + identity.sign(PAYLOAD) + data[-12:]
    with pytest.raises(IntegrityError):
        verify(forged)
