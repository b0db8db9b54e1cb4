"""Who may build what: the vetted list, and what the user allows besides.

A policy judges a stream before anything is built: :func:`brinery.codec.check` works out every global, call and state
from the opcodes, by rules put together from data. What the stream names is found beforehand and handed to the decoder,
which looks nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any, Literal

from brinery.codec import GlobalUse, Report, Rules, check, decode, passed
from brinery.errors import DecodeError
from brinery.trust.known import TRUSTED, Known, vetted
from brinery.trust.names import Place, fits, is_exact, name_of
from brinery.trust.refusal import refusal
from brinery.trust.resolving import Resolved, resolved
from brinery.trust.settings import read_settings
from brinery.trust.trailer import check_rest
from brinery.trust.vetting import package_of, rules_of

__all__ = ["Trust", "Trusted", "allow", "default_trust", "policy_for"]

MOST_DERIVED = 64
MOST_FOUND = 1024
LONGEST_KEPT = 16_384  # bytes of names


class Trust:
    """What loading may build of bytes that nobody vouches for.

    Args:
        allowed: Classes, functions, or dotted names; ``"package.*"`` is all that is in a package or module. What is
            allowed may be called with any arguments and given any state: allow what does no harm then.
        vetted: Whether the vetted list counts as well.
        limits: What a stream may ask for at most, by name; see docs/security.md.

    Raises:
        ValueError: A name is no dotted name, or an object has none that leads to it.

    >>> Trust(["shop.models.User", "shop.colours.*"])
    Trust(['shop.models.User', 'shop.colours.*'])
    """

    def __init__(
        self, allowed: Iterable[Any] = (), *, vetted: bool = True, limits: Mapping[str, int] | None = None
    ) -> None:
        """Begin with these allowed, see the class."""
        self.vetted = vetted
        self.limits = dict(limits) if limits is not None else None
        self._allowed: dict[str, None] = {}
        self._names: set[str] = set()
        self._patterns: list[str] = []
        # What streams may use, of all that they have asked for so far.
        self._known: dict[Place, Known] = {}
        self._read: set[str | None] = set()
        self._rules = Rules(())
        self._derived: dict[tuple[str, ...], Trust] = {}
        self._found: dict[bytes, Resolved] = {}
        self._learning = Lock()
        self.allow(*allowed)

    def __repr__(self) -> str:
        """As it was made."""
        rest = "" if self.vetted else ", vetted=False"
        rest += f", limits={self.limits}" if self.limits is not None else ""
        return f"Trust({list(self._allowed)}{rest})"

    @property
    def allowed(self) -> list[str]:
        """The names and patterns that the user allows."""
        return list(self._allowed)

    def allow(self, *allowed: Any) -> None:
        """Allow classes, functions, or dotted names from now on, see the class.

        Raises:
            ValueError: As the class; nothing is allowed then.
        """
        names = [name_of(each) for each in allowed]
        with self._learning:
            self._allowed.update(dict.fromkeys(names))
            self._names = {name for name in self._allowed if is_exact(name)}
            self._patterns = [name for name in self._allowed if name not in self._names]
            self._known, self._read, self._rules, self._derived, self._found = {}, set(), Rules(()), {}, {}

    def allowing(self, allowed: Iterable[Any]) -> Trust:
        """A policy that allows these as well. The last few are kept, as calls name the same again and again.

        Raises:
            TypeError: A string was given where a list of them belongs.
            ValueError: As the class.
        """
        if isinstance(allowed, str):
            raise TypeError(f"expected a list of names and classes, such as [{allowed!r}], not a string")
        names = tuple(map(name_of, allowed))
        found = self._derived.get(names)
        if found is None:
            found = Trust([*self._allowed, *names], vetted=self.vetted, limits=self.limits)
            if len(self._derived) >= MOST_DERIVED:
                self._derived.clear()
            self._derived[names] = found
        return found

    def allows(self, module: str, name: str) -> bool:
        """Whether the user allows a global, by its name or a pattern.

        >>> Trust(["shop.*"]).allows("shop.models", "User")
        True
        """
        path = Place(module, name).path
        return path in self._names or any(fits(path, pattern) for pattern in self._patterns)

    def judge(self, data: Any, *, buffers: int = 0, offset: int = 0) -> Report:
        """What a stream would build, and whether it may. Builds nothing and imports nothing. Linear in its size.

        >>> report = Trust().judge(b"cos\\nsystem\\n(S'true'\\ntR.")
        >>> report.passes, [each.name for each in report.globals]
        (False, ['system'])
        """
        return self._judged(data, buffers, offset)[0]

    def _judged(self, data: Any, buffers: int, offset: int = 0) -> tuple[Report, Mapping[Place, Known]]:
        """The report, and what it went by."""
        while True:
            known = self._known  # never older than the rules
            report = check(data, self._rules, buffers=buffers, limits=self.limits, offset=offset)
            # A call of getattr may reach another global, which shows once the ones that it goes by are known.
            if not self._learns(each for use in report.globals if (each := place_of(use)) not in known):
                return report, known

    def load(self, data: Any, *, buffers: Iterable[Any] | None = None, because: str = "") -> Any:
        """The object, if all that the stream would build may be built; nothing of it is, and nothing imported, if not.

        Args:
            data: A pickle, and nothing else.
            buffers: The memory that it refers to.
            because: Why its word alone does not count, for the message.

        Raises:
            UntrustedError: It names what is neither vetted nor allowed, or uses what is vetted in another way.
            LimitError: It asks for more than what is reasonable.
            IntegrityError: It has state that compiled code would go wrong on.
            DecodeError: It is no whole pickle, has more bytes behind it, or names what is not there.

        >>> Trust().load(b"cfractions\\nFraction\\n(I3\\nI4\\ntR.")
        Fraction(3, 4)
        """
        given = list(buffers) if buffers is not None else None
        if not isinstance(data, bytes):
            data = memoryview(data).cast("B")
        answer = passed(data, self._rules, buffers=len(given or ()), limits=self.limits)
        found = self._found.get(answer[1]) if answer is not None else None
        if answer is None or found is None or not found.is_current():
            answer, found = self._examined(data, len(given or ()), because)
        if answer[0] != len(data):
            check_end(memoryview(data), answer[0])
        return decode(data, buffers=given, globals=found.globals, builders=found.builders)

    def _examined(self, data: Any, buffers: int, because: str) -> tuple[tuple[int, bytes], Resolved]:
        """What is known of a stream of a kind that has not passed yet, or whose globals are elsewhere now.

        What its globals lead to is kept: streams of one kind name the same.
        """
        report, known = self._judged(data, buffers)
        if not report.passes:
            check_rest(memoryview(data)[report.end :] if report.end is not None else b"")
            raise refusal(report, because)
        found = resolved((use, known[place_of(use)]) for use in report.globals)
        answer = passed(data, self._rules, buffers=buffers, limits=self.limits)
        if answer is None:
            raise DecodeError("the data was changed while it was looked at")
        if len(self._found) >= MOST_FOUND:
            self._found.clear()
        if len(answer[1]) <= LONGEST_KEPT:
            self._found[answer[1]] = found
        return answer, found

    def _learns(self, places: Iterable[Place]) -> bool:
        """Whether the rules say more of these than before, now that their packages' lists have been read."""
        known = {place: found for place in places if (found := self._judgement(place)) is not None}
        if not known:
            return False
        with self._learning:
            packages = {package_of(each.place.module) for each in known.values() if each.rule is not TRUSTED}
            entries = [entry for package in packages - self._read if package for entry in rules_of(package)]
            self._rules = self._rules.extended([*entries, *((*place, each.rule) for place, each in known.items())])
            self._read |= packages
            self._known = self._known | known
        return True

    def _judgement(self, place: Place) -> Known | None:
        """What is known of a global, the user's word first."""
        if self.allows(*place):
            return Known(TRUSTED, place)
        return vetted(place) if self.vetted else None


# What can be said of whom to trust, see :func:`brinery.loads`.
Trusted = Literal["everything"] | Trust | Iterable[Any] | None


def check_end(data: memoryview, end: int) -> None:
    """Nothing follows the pickle.

    Raises:
        IntegrityError: What is left of a seal does.
        DecodeError: Something else does.
    """
    rest = data[end:]
    check_rest(rest)
    if rest:
        raise DecodeError(f"the pickle ends at byte {end}, and {len(rest)} bytes that are not of it follow")


def place_of(use: GlobalUse) -> Place:
    return Place(use.module, use.name)


class Default:
    """The policy of this process, once it is asked for."""

    trust: Trust | None = None


def default_trust() -> Trust:
    """The policy of this process: the vetted list, what :func:`allow` was told, and the user's settings.

    Raises:
        PolicyError: The settings cannot be understood.
    """
    if Default.trust is None:
        settings = read_settings()
        Default.trust = Trust(settings.allowed, vetted=settings.vetted, limits=settings.limits)
    return Default.trust


def policy_for(trust: Trust | Iterable[Any] | None) -> Trust:
    """The policy of the process, with what a call allows besides; or the call's own."""
    if trust is None:
        return default_trust()
    return trust if isinstance(trust, Trust) else default_trust().allowing(trust)


def allow(*allowed: Any) -> None:
    """Let :func:`brinery.loads` build these of any bytes, for the rest of the process.

    Args:
        allowed: Classes, functions, or dotted names; ``"package.*"`` is all that is in a package or module.

    Raises:
        ValueError: A name is no dotted name, or an object has none that leads to it.

    >>> import brinery
    >>> brinery.allow("shop.models.User")
    """
    default_trust().allow(*allowed)
