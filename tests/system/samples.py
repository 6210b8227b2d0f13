"""The messages that several tests send."""
from fixture.message import compose

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" \
    "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def genuine(keys, domain="genuine.test", **options):
    """A message of domain with an RSA and an Ed25519 signature."""
    return keys.sign_both(compose("Ann <ann@%s>" % domain, **options), domain)


def forged(domain="genuine.test", **options):
    """An unsigned message that claims to come from domain."""
    return compose("The Boss <boss@%s>" % domain, subject="Urgent",
                   **options)


def assert_unverified(results, domain):
    """No method says that domain was verified."""
    assert "pass" not in results.results("dmarc")
    for properties, result in zip(results.properties("dkim"),
                                  results.results("dkim")):
        if properties.get("header.d") == domain:
            assert result != "pass", properties
