"""The user's keys: made once, kept private, changed, and never shown."""

import os
import pickle
import stat
import subprocess
import sys
import threading
import time

import pytest

import brinery
from brinery.errors import EncodeError, KeyFileError
from brinery.trust import current as current_module
from brinery.trust import keyring, opened, sign, verify
from brinery.trust.current import forget
from brinery.trust.identity import Identity, PublicKey
from brinery.trust.keyring import Keyring, OwnKey
from brinery.trust.keys import find_key, new_key, revoke_key, trust_key


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def text_of_new_key():
    return Identity.new().secret_text()


def test_the_key_is_made_on_first_use_and_stays_the_same(home):
    assert not home.exists()
    first = keyring().current.public
    assert (mode_of(home), mode_of(home / "own.keys")) == (0o700, 0o600)
    forget()
    assert keyring().current.public == first


def test_without_brinery_home_the_key_is_in_the_users_configuration(monkeypatch, tmp_path):
    monkeypatch.delenv("BRINERY_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    keyring()
    assert (tmp_path / "brinery" / "own.keys").exists()


def test_twenty_processes_that_are_first_at_once_get_one_key(home, tmp_path):
    script = (
        "import pathlib, sys, time\n"
        "from brinery.trust import keyring\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.001)\n"
        "print(keyring().current.public.text)\n"
    )
    go = tmp_path / "go"
    racers = [
        subprocess.Popen([sys.executable, "-c", script, str(go)], stdout=subprocess.PIPE, text=True) for _ in range(20)
    ]
    time.sleep(0.5)
    go.touch()
    printed = {racer.communicate(timeout=120)[0] for racer in racers}
    assert [racer.returncode for racer in racers] == [0] * 20
    assert printed == {keyring().current.public.text + "\n"}
    assert sorted(path.name for path in home.iterdir()) == ["lock", "own.keys"]


def test_threads_that_are_first_at_once_get_one_key():
    found = []
    threads = [threading.Thread(target=lambda: found.append(keyring().current.seal.id)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    assert len(set(found)) == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused_with_the_command_that_mends_it(home, mode):
    keyring()
    (home / "own.keys").chmod(mode)
    forget()
    with pytest.raises(KeyFileError, match=f"chmod 600 {home / 'own.keys'}"):
        keyring()
    (home / "own.keys").chmod(0o600)
    assert keyring().current


def test_a_folder_that_others_can_write_to_is_refused_with_the_command_that_mends_it(home):
    assert keyring().current
    home.chmod(0o775)
    forget()
    with pytest.raises(KeyFileError, match=f"chmod go-w {home}$"):
        keyring()
    home.chmod(0o755)
    assert keyring().current


@pytest.mark.parametrize("name", ["", " alice", "ali\x1b[2Jce", "a\nb", "brinery-public:AAAA", "own fingerprint"])
def test_names_that_could_be_taken_for_something_else_are_refused(name):
    if name == "own fingerprint":
        name = keyring().current.public.fingerprint
    with pytest.raises(KeyFileError, match="name"):
        trust_key(name, Identity.new().public)
    assert not keyring().trusted


def test_a_keyring_that_others_can_change_is_refused_with_the_command_that_mends_it(home):
    trust_key("alice", Identity.new().public)
    (home / "keyring.json").chmod(0o644)
    forget()
    assert keyring().trusted.keys() == {"alice"}
    (home / "keyring.json").chmod(0o664)
    forget()
    with pytest.raises(KeyFileError, match=f"chmod go-w {home / 'keyring.json'}"):
        keyring()


def test_a_key_of_another_user_is_refused(home, monkeypatch):
    keyring()
    forget()
    if os.geteuid() == 0:
        os.chown(home / "own.keys", 4321, 0)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4321)
    with pytest.raises(KeyFileError, match="belongs to another user"):
        keyring()


@pytest.mark.parametrize("broken", ["", "# nothing\n", "2026 brinery-secret:abc\n", "\0\n", "2026\n"])
def test_a_broken_file_of_own_keys_is_refused_by_name(home, broken):
    keyring()
    (home / "own.keys").write_text(broken)
    forget()
    with pytest.raises(KeyFileError, match=r"own\.keys"):
        keyring()


@pytest.mark.parametrize("broken", ["", "[]", '{"trusted": {"a": ["b"]}, "revoked": []}', '{"trusted": {}}', "\0"])
def test_a_broken_keyring_is_refused_by_name(home, broken):
    keyring()
    (home / "keyring.json").write_text(broken)
    forget()
    with pytest.raises(KeyFileError, match=r"keyring\.json"):
        keyring()


def test_a_keyring_that_cannot_be_read_is_refused_since_it_may_revoke(home):
    keyring()
    (home / "keyring.json").mkdir()
    forget()
    with pytest.raises(KeyFileError, match=r"keyring\.json cannot be read"):
        keyring()


def unwritable(tmp_path):
    blocker = tmp_path / "file"
    blocker.touch()
    return blocker / "home"


def unreadable(tmp_path):
    folder = tmp_path / "unreadable"
    (folder / "own.keys").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("place", [unwritable, unreadable])
def test_where_nothing_can_be_kept_there_is_a_key_for_the_process_and_one_warning(place, tmp_path, monkeypatch):
    monkeypatch.setenv("BRINERY_HOME", str(place(tmp_path)))
    with pytest.warns(RuntimeWarning, match="BRINERY_HOME") as warned:
        first = keyring().current
    forget()
    assert keyring().current is first
    assert len(warned) == 1
    assert opened(first.seal.sealed(b"N.")).origin.kind == "own"
    with pytest.raises(KeyFileError, match="cannot be kept"):
        new_key()


def test_a_key_in_the_environment_serves_and_nothing_is_written(home, monkeypatch):
    one, other = text_of_new_key(), text_of_new_key()
    monkeypatch.setenv("BRINERY_KEY", other)
    data = sign(keyring().current.seal.sealed(b"N."))
    monkeypatch.setenv("BRINERY_KEY", f"{one},{other}")
    forget()
    assert keyring().current.secret_text() == one
    assert verify(data)[1].kind == "own"
    assert not home.exists()
    with pytest.raises(KeyFileError, match="BRINERY_KEY"):
        new_key()


def test_a_broken_key_in_the_environment_is_refused_and_not_repeated(monkeypatch):
    secret = text_of_new_key()[:-1]
    monkeypatch.setenv("BRINERY_KEY", secret)
    with pytest.raises(KeyFileError, match="BRINERY_KEY") as raised:
        keyring()
    assert secret[-30:] not in str(raised.value)


def test_after_rotation_old_own_data_still_opens():
    sealed, signed = keyring().current.seal.sealed(b"N."), sign(b"N.")
    old = keyring().current.public
    new = new_key().public
    assert keyring().current.public == new != old
    assert opened(sealed).origin.kind == opened(signed).origin.kind == "own"


def test_revoking_the_own_key_makes_a_new_one():
    sealed, old = keyring().current.seal.sealed(b"N."), keyring().current.public
    revoke_key(old)
    assert keyring().current.public != old
    assert opened(sealed).origin is None
    assert opened(keyring().current.seal.sealed(b"N.")).origin.kind == "own"
    with pytest.raises(KeyFileError, match="revoked"):
        trust_key("me", old)


def test_a_revoked_key_in_the_environment_is_refused(monkeypatch):
    identity = Identity.new()
    revoke_key(identity.public)
    monkeypatch.setenv("BRINERY_KEY", identity.secret_text())
    forget()
    with pytest.raises(KeyFileError, match="BRINERY_KEY, has been revoked"):
        keyring()


def test_a_trusted_key_is_found_by_name_fingerprint_and_text():
    public = Identity.new().public
    trust_key("alice", public)
    trust_key("alice", public)
    for who in ("alice", public.fingerprint, public.text):
        assert find_key(keyring(), who) == (public,)
    assert find_key(keyring(), "nobody") == ()


def test_changes_by_many_processes_at_once_are_all_kept():
    script = (
        "import sys\n"
        "from brinery.trust.identity import Identity\n"
        "from brinery.trust.keys import new_key, trust_key\n"
        "new_key(); trust_key(sys.argv[1], Identity.new().public)\n"
    )
    racers = [subprocess.Popen([sys.executable, "-c", script, str(number)]) for number in range(8)]
    assert [racer.wait(timeout=120) for racer in racers] == [0] * 8
    assert len(keyring().own) in {8, 9}  # whether one was made before by another's looking
    assert keyring().trusted.keys() == {str(number) for number in range(8)}


def test_a_running_process_sees_what_another_changed(monkeypatch):
    monkeypatch.setattr(current_module, "FRESH", 0.0)
    keyring()
    public = Identity.new().public
    script = (
        "import sys\nfrom brinery.trust.identity import PublicKey\nfrom brinery.trust.keys import trust_key\n"
        "trust_key('alice', PublicKey.from_text(sys.argv[1]))\n"
    )
    subprocess.run([sys.executable, "-c", script, public.text], check=True)
    time.sleep(0.01)
    current_module.Known.until = 0.0
    assert keyring().trusted == {"alice": (public,)}


def test_secrets_are_in_no_text_that_an_object_gives():
    identity = keyring().current
    secret = identity.secret_text().removeprefix("brinery-secret:")
    ring = keyring()
    for each in (identity, identity.seal, ring, OwnKey(identity), identity.public):
        assert secret not in f"{each!r} {each}"
    with pytest.raises(KeyFileError) as raised:
        PublicKey.from_text(identity.secret_text())
    assert secret not in str(raised.value)


@pytest.mark.parametrize("which", [lambda one: one, lambda one: one.seal, lambda one: Keyring((OwnKey(one),))])
def test_keys_are_not_pickled(which):
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(which(keyring().current))
    with pytest.raises(EncodeError, match="keys cannot be pickled"):
        brinery.dumps(which(keyring().current))


def test_seals_and_signatures_are_made_with_keys_of_their_own():
    secret = bytes(range(32))
    identity = Identity(secret)
    assert secret not in identity.seal.sealed(b"N.") + sign(b"N.", identity=identity)
    assert identity.seal.id not in identity.public.raw


def test_importing_the_room_imports_none_of_its_libraries():
    script = (
        "import sys, brinery.trust\n"
        "print([name for name in ('blake3', 'cryptography', 'platformdirs', 'xxhash', 'hashlib', 'json') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_sealing_imports_no_signing_library():
    script = (
        "import sys\nfrom brinery.trust import keyring, opened\nkeyring()\nsys.modules.pop('cryptography', None)\n"
        "assert opened(keyring().current.seal.sealed(b'N.')).origin\nprint('cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
