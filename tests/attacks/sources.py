"""Where the techniques were published."""

from __future__ import annotations


def picklescan(advisory: str) -> str:
    return f"https://github.com/mmaitre314/picklescan/security/advisories/{advisory}"


def fickling(advisory: str) -> str:
    return f"https://github.com/trailofbits/fickling/security/advisories/{advisory}"


def cpython(issue: int) -> str:
    return f"https://github.com/python/cpython/issues/{issue}"


def numpy(issue: int) -> str:
    return f"https://github.com/numpy/numpy/issues/{issue}"


def scipy(issue: int) -> str:
    return f"https://github.com/scipy/scipy/issues/{issue}"


def pandas(issue: int) -> str:
    return f"https://github.com/pandas-dev/pandas/issues/{issue}"


PYTHON_DOCS = "https://docs.python.org/3/library/pickle.html"
PICKLETOOLS = "https://github.com/python/cpython/blob/main/Lib/pickletools.py"
PEP_307 = "https://peps.python.org/pep-0307/"
SOUR_PICKLES = "https://sensepost.com/cms/resources/conferences/2011/sour_pickles/BH_US_11_Slaviero_Sour_Pickles.pdf"
ELHAGE = "https://blog.nelhage.com/2011/03/exploiting-pickle/"
TRAIL_OF_BITS = "https://blog.trailofbits.com/2021/03/15/never-a-dill-moment-exploiting-machine-learning-pickle-files/"
HIDE_AND_SEEK = "https://arxiv.org/abs/2508.19774"
NULLIFAI = "https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face"
BYPASS_GAME = "https://github.com/promptfoo/modelaudit/blob/main/docs/agents/picklescan-rce-bypass-game.md"
CALL_GRAPH = "https://github.com/promptfoo/modelaudit/pull/1061"
PICKLESCAN_TESTS = "https://github.com/mmaitre314/picklescan/blob/main/tests/test_scanner.py"
PICKLESCAN_MEMO = "https://github.com/mmaitre314/picklescan/issues/14"
PICKLESCAN_SAFE_PICKLE = "https://github.com/mmaitre314/picklescan/issues/22"
PICKLESCAN_ATTRIBUTES = "https://github.com/mmaitre314/picklescan/issues/66"
PICKLESCAN_MARSHAL = "https://github.com/mmaitre314/picklescan/pull/74"
MODELSCAN_BUILD = "https://github.com/protectai/modelscan/issues/85"
FICKLING_OBJ = "https://github.com/trailofbits/fickling/pull/108"
FICKLING_POP = "https://github.com/trailofbits/fickling/issues/19"
FICKLING_LAUGHS = "https://github.com/trailofbits/fickling/issues/111"
FICKLING_STDLIB = "https://github.com/trailofbits/fickling/pull/210"
FICKLING_PRIVATE = "https://github.com/trailofbits/fickling/pull/302"
FICKLING_EXIT = "https://github.com/trailofbits/fickling/pull/272"
PICKLEASSEM = "https://github.com/gousaiyang/pickleassem"
PICKLE_FUZZ = "https://github.com/moreati/pickle-fuzz"
SKLEARN_TREE = "https://github.com/scikit-learn/scikit-learn/pull/34558"
SKOPS_TREE = "https://github.com/skops-dev/skops/pull/535"
JOBLIB_LOAD = "https://nvd.nist.gov/vuln/detail/CVE-2020-13092"
NUMPY_LOAD = "https://nvd.nist.gov/vuln/detail/CVE-2019-6446"
BREAKING_DICTS = (
    "https://git.mfocko.xyz/mfocko/blog/src/branch/main/algorithms/12-hash-tables/2023-11-28-breaking/01-python.md"
)
