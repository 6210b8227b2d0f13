"""The private mail host that all system tests share."""
import pytest

from fixture import milter as milter_module
from fixture import site as site_module


@pytest.fixture(scope="session", name="site")
def _site():
    site_module.must_be_root()
    if not milter_module.program().exists():
        pytest.exit("%s does not exist: build first, GATEPOST_BUILD tells "
                    "where" % milter_module.program(), 4)
    with site_module.Site() as site:
        yield site


@pytest.fixture(scope="module", name="milter")
def _milter(site):
    """A milter with the usual configuration on the unix socket."""
    with site.milter() as milter:
        yield milter


@pytest.fixture(scope="session", name="sanitizers")
def _sanitizers():
    """What the programs were built with: "", "address,undefined", "thread"."""
    return milter_module.sanitizers()


@pytest.fixture(scope="module", name="slow_dns_reset", autouse=True)
def _slow_dns_is_plain(request):
    """Each module finds the slow name server prompt and answering."""
    yield
    if "site" in request.fixturenames:
        slow_dns = request.getfixturevalue("site").slow_dns
        slow_dns.delay_ms, slow_dns.hang = 0, False
        slow_dns.release()
