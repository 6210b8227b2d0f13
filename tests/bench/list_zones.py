"""The zones of the DNS lists that ours and rspamd ask: test points, few hits.

All of the bench's mail is genuine.  So the lists answer "not listed", but for
the senders of SHARES: both filters must see exactly those hits, and go on to
accept the mail.
"""
import dataclasses

from servers import ZONE_HEAD

# {zone: (its answer for the entries that are always listed, those entries)},
# as the operators document them.
LISTS = {
    "zen.spamhaus.org": ("127.0.0.2", ("2.0.0.127",)),
    "bl.spamcop.net": ("127.0.0.2", ("2.0.0.127",)),
    "psbl.surriel.com": ("127.0.0.2", ("2.0.0.127",)),
    "rep.mailspike.net": ("127.0.0.10", ("2.0.0.127",)),
    "bl.spameatingmonkey.net": ("127.0.0.2", ("2.0.0.127",)),
    "list.dnswl.org": ("127.0.2.0", ("2.0.0.127",)),
    "dbl.spamhaus.org": ("127.0.1.2", ("test", "dbltest.com")),
    "multi.surbl.org": ("127.0.0.254", (
        "2.0.0.127", "surbl-org-permanent-test-point.com")),
    "multi.uribl.com": ("127.0.0.14", ("2.0.0.127", "test.uribl.com")),
    "uribl.spameatingmonkey.net": ("127.0.0.2", ("_dnsbl_.test",)),
    "fresh.spameatingmonkey.net": ("127.0.0.2", ("_dnsbl_.test",)),
}
# What rspamd asks besides: its lists, and rspamd.com for its own lists, its
# maps and its fuzzy storage, none of which there is here.
RSPAMD_ZONES = (
    "bip.virusfree.cz", "bl.blocklist.de", "bl.ipv6.spameatingmonkey.net",
    "bl.score.senderscore.com", "dwl.dnswl.org", "ebl.msbl.org",
    "fresh15.spameatingmonkey.net", "ix.dnsbl.manitu.net", "rspamd.com")


@dataclasses.dataclass(frozen=True)
class Share:
    """The clients of every domain whose number % divisor is remainder."""
    divisor: int
    remainder: int
    answer: str

    def holds(self, number):
        return number % self.divisor == self.remainder


# No domain is in two of them.
SHARES = {
    "list.dnswl.org": Share(5, 1, "127.0.5.1"),
    "rep.mailspike.net": Share(10, 4, "127.0.0.18"),
    "bl.spameatingmonkey.net": Share(10, 3, "127.0.0.2"),
}


def _reversed(ip):
    return ".".join(reversed(ip.split(".")))


def zones(domains):
    """{zone name: zone file text} for the senders that are given.

    The root is there, so that a name of no zone does not exist.
    """
    texts = {name: ZONE_HEAD for name in (".", *LISTS, *RSPAMD_ZONES)}
    for name, (answer, entries) in LISTS.items():
        for entry in entries:
            texts[name] += f"{entry}.{name}. A {answer}\n"
    for name, share in SHARES.items():
        for domain in domains:
            if share.holds(domain.number):
                texts[name] += f"{_reversed(domain.ip)}.{name}. " \
                               f"A {share.answer}\n"
    return texts
