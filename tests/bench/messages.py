"""Messages for the bench, signed for domains of our own, and their zones.

Everything but the keys and the signatures is deterministic: the same numbers
of domains and messages give the same texts in the same order.
"""
import base64
import concurrent.futures
import dataclasses
import math
import random
import textwrap

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from servers import ZONE_HEAD

MIN_BYTES, MAX_BYTES = 2000, 60000
PLAIN_MAX_BYTES = 15000         # of the plain part beside HTML or a file
KINDS, KIND_WEIGHTS = ("text", "html", "file"), (30, 50, 20)
# How many messages a client sends over one connection, and how often.
SESSION_LENGTHS, SESSION_WEIGHTS = (1, 2, 3, 5), (70, 15, 10, 5)
SIGNED_FIELDS = [b"from", b"to", b"subject", b"date", b"message-id",
                 b"mime-version", b"content-type", b"reply-to"]
# Public addresses: lists are asked about them.
SENDERS, FRESH_SENDERS, RELAYS = "44.128", "44.129", "44.130"
RECIPIENT = "ursula@gatepost.example"
WORDS = """about account address after again amount answer appointment april
before between bridge budget building calendar change city colleague comment
committee company complete contract copy customer date decision delivery
department detail document draft early email engine estimate evening example
family figure final follow forward friday garden general group harbour holiday
house hundred idea invoice january journey kitchen later letter library list
local market measure meeting member message minute monday morning mountain
music network neighbour number office order other package paper park payment
people photograph place plan please point possible present price project
proposal question railway reason receipt regards report result river room
sample schedule school season second section service session signature since
station street subject summer support system table teacher thank through ticket
time today together tomorrow train travel tuesday update version visit water
week welcome window winter without word work year yesterday""".split()


@dataclasses.dataclass
class Domain:
    """A sending domain: its one client address, its keys."""
    name: str
    ip: str
    number: int
    rsa_private: bytes = b""        # PEM
    rsa_public: str = ""            # base64, for the p= tag
    ed_private: bytes = b""         # base64 of the seed; empty: RSA only
    ed_public: str = ""
    provider: str = ""              # whose mail server it uses; empty: its own

    @property
    def host(self):
        return "mail." + (self.provider or self.name)

    @property
    def author(self):
        """Every fifth domain writes from a subdomain (relaxed alignment)."""
        prefix = "news." if self.number % 5 == 0 else ""
        return f"office@{prefix}{self.name}"


def _base64(data):
    return base64.b64encode(data).decode()


def _make_keys(domain, with_ed25519):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    domain.rsa_private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption())
    domain.rsa_public = _base64(key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo))
    if with_ed25519:
        key = ed25519.Ed25519PrivateKey.generate()
        raw = serialization.Encoding.Raw
        domain.ed_private = base64.b64encode(key.private_bytes(
            raw, serialization.PrivateFormat.Raw,
            serialization.NoEncryption()))
        domain.ed_public = _base64(key.public_key().public_bytes(
            raw, serialization.PublicFormat.Raw))
    return domain


def make_domains(prefix, network, count, ed25519_every):
    """Domains prefix000.example ... with the client NETWORK.n.10 each."""
    domains = [Domain(f"{prefix}{i:03}.example", f"{network}.{i}.10", i)
               for i in range(count)]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        return list(pool.map(
            _make_keys, domains,
            [i % ed25519_every == 0 for i in range(count)], chunksize=5))


def fresh_domains(prefix, network, count, keys_of):
    """Domains with both signatures whose names no cache knows yet.

    Their keys are borrowed from a domain that has both: making keys is slow,
    and a resolver cannot see that they are the same.  Their mail servers are
    those of providers, so that the lists are asked about two domains.
    """
    return [dataclasses.replace(keys_of, name=f"{prefix}{i:03}.example",
                                ip=f"{network}.{i}.10", number=i,
                                provider=f"{prefix}{i:03}-net.example")
            for i in range(count)]


def _spf_record(domain):
    network = domain.ip.rsplit(".", 1)[0] + ".0/24"
    return ("v=spf1 %s -all" % (
        f"ip4:{network}",
        f"include:_spf.relay.example ip4:{network}",
        f"a:{domain.host}",
        "mx")[domain.number % 4])


def _dmarc_record(domain):
    policy = ("reject", "quarantine", "none")[domain.number % 3]
    return f"v=DMARC1; p={policy}; rua=mailto:dmarc@{domain.name}"


def _txt(owner, text):
    pieces = " ".join(f'"{piece}"' for piece in textwrap.wrap(
        text, 250, break_long_words=True, drop_whitespace=False))
    return f"{owner}. TXT {pieces}"


def _records(domain):
    name = domain.name
    lines = [f"{name}. A {domain.ip}",
             f"{name}. MX 10 {domain.host}.",
             f"{domain.host}. A {domain.ip}",
             f"news.{name}. MX 10 {domain.host}.",
             _txt(name, _spf_record(domain)),
             _txt(domain.host, "v=spf1 a -all"),
             _txt(f"_dmarc.{name}", _dmarc_record(domain)),
             _txt(f"s2026._domainkey.{name}",
                  f"v=DKIM1; k=rsa; p={domain.rsa_public}")]
    if domain.ed_public:
        lines.append(_txt(f"ed2026._domainkey.{name}",
                          f"v=DKIM1; k=ed25519; p={domain.ed_public}"))
    return lines


def zones(domain_lists):
    """{zone name: zone file text} of the forward and the reverse zones."""
    texts = {"example": ZONE_HEAD + "ns.example. A 127.0.0.1\n"
             + '_spf.relay.example. TXT "v=spf1 ip4:203.0.113.0/24 ~all"\n'}
    for domains in domain_lists:
        for domain in domains:
            texts["example"] += "\n".join(_records(domain)) + "\n"
            reverse = ".".join(reversed(domain.ip.split(".")))
            zone = ".".join(reverse.split(".")[2:]) + ".in-addr.arpa"
            texts.setdefault(zone, ZONE_HEAD)
            texts[zone] += f"{reverse}.in-addr.arpa. PTR {domain.host}.\n"
    return texts


def _sentence(rng):
    words = rng.choices(WORDS, k=rng.randint(5, 16))
    return " ".join(words).capitalize() + "."


def _prose(rng, size):
    lines, length = [], 0
    while length < size:
        paragraph = " ".join(_sentence(rng) for _ in range(rng.randint(1, 6)))
        lines += textwrap.wrap(paragraph, 72) + [""]
        length += len(paragraph) + 4
    return lines


def _html(rng, size):
    lines = ["<html><body>"]
    for line in _prose(rng, size * 3 // 4):
        lines.append(f'<p style="margin:0">{line}</p>' if line else "<br>")
        if rng.random() < 0.05:
            lines.append(f'<a href="https://www.{rng.choice(WORDS)}.example/'
                         f'{rng.choice(WORDS)}">{rng.choice(WORDS)}</a>')
    return lines + ["</body></html>"]


def _attachment(rng, size):
    data = rng.randbytes(size * 3 // 4)
    return base64.encodebytes(data).decode().splitlines()


def _multipart(parts, boundary):
    lines = ["This is a message in MIME format.", ""]
    for content_type, encoding, body in parts:
        lines += [f"--{boundary}", f"Content-Type: {content_type}"]
        if encoding == "base64":
            lines.append("Content-Disposition: attachment")
        lines += [f"Content-Transfer-Encoding: {encoding}", "", *body]
    return lines + [f"--{boundary}--", ""]


def _content(rng, kind, size, boundary):
    """The Content-Type of the message and the lines of its body."""
    if kind == "text":
        return "text/plain; charset=utf-8", _prose(rng, size)
    plain = ("text/plain; charset=utf-8", "7bit",
             _prose(rng, min(size // 4, PLAIN_MAX_BYTES)))
    rest = size - min(size // 4, PLAIN_MAX_BYTES)
    if kind == "html":
        html = ("text/html; charset=utf-8", "7bit", _html(rng, rest))
        return (f'multipart/alternative;\r\n boundary="{boundary}"',
                _multipart([plain, html], boundary))
    file = ('application/octet-stream; name="report.bin"', "base64",
            _attachment(rng, rest))
    return (f'multipart/mixed;\r\n boundary="{boundary}"',
            _multipart([plain, file], boundary))


def _any_size_and_kind(rng):
    """As mail is mixed: most is small, half of it HTML."""
    size = int(math.exp(rng.uniform(math.log(MIN_BYTES),
                                    math.log(MAX_BYTES))))
    return size, rng.choices(KINDS, KIND_WEIGHTS)[0]


def _message_text(domain, rng, size, kind):
    """An unsigned message, CRLF line ends; size is that of the body."""
    token = f"{rng.getrandbits(64):016x}"
    content_type, body = _content(rng, kind, size, "=_" + token)
    subject = " ".join(rng.choices(WORDS, k=rng.randint(3, 9)))
    date = "Tue, 3 Mar 2026 09:%02d:%02d +0100" % (rng.randint(0, 59),
                                                   rng.randint(0, 59))
    head = [
        f"Return-Path: <bounce@{domain.name}>",
        f"Received: from app{rng.randint(1, 9)}.{domain.name}"
        f" (unknown [10.1.2.{rng.randint(1, 250)}])\r\n"
        f"\tby {domain.host} (Postfix) with ESMTPS id {token[:10].upper()}\r\n"
        f"\tfor <{RECIPIENT}>; {date}",
        f"Received: from desk (customer.isp.example [{RELAYS}."
        f"{rng.randint(1, 250)}.{rng.randint(1, 250)}])\r\n"
        f"\tby app.{domain.name} (Postfix) with ESMTPSA id {token[10:]};"
        f" {date}",
        f"Date: {date}",
        f'From: "Office of {domain.name}" <{domain.author}>',
        f"Reply-To: {domain.author}",
        f"To: Ursula <{RECIPIENT}>",
        f"Subject: {subject.capitalize()}",
        f"Message-ID: <{token}@{domain.name}>",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
        "Content-Language: en",
        f"List-Unsubscribe: <https://www.{domain.name}/u/{token}>,\r\n"
        f" <mailto:unsubscribe@{domain.name}>",
        f"X-Mailer: Office {rng.randint(1, 9)}.{rng.randint(0, 99)}",
        f"X-Campaign: {token[:6]}",
    ]
    return ("\r\n".join(head + ["", *body]) + "\r\n").encode()


def _sign(text, domain, selector, key, algorithm):
    body_form = b"simple" if domain.number % 3 == 2 else b"relaxed"
    return dkim.sign(text, selector, domain.name.encode(), key,
                     canonicalize=(b"relaxed", body_form),
                     include_headers=SIGNED_FIELDS,
                     signature_algorithm=algorithm)


def _signed(domain, text):
    fields = _sign(text, domain, b"s2026", domain.rsa_private, b"rsa-sha256")
    if domain.ed_private:
        fields += _sign(text, domain, b"ed2026", domain.ed_private,
                        b"ed25519-sha256")
    return fields + text


def _signed_message(domain, seed):
    rng = random.Random(seed)
    return _signed(domain, _message_text(domain, rng,
                                         *_any_size_and_kind(rng)))


def _signed_of_size(domain, seed, size, kind):
    rng = random.Random(seed)
    return _signed(domain, _message_text(domain, rng, size, kind))


def _signed_if_possible(domain, text):
    """Real mail may have a header that cannot be signed."""
    try:
        return _signed(domain, text)
    except (dkim.DKIMException, ValueError):
        return text


def _order(domains, count):
    """The sender of each message: a session's messages in a row."""
    rng = random.Random("order")
    order, waiting = [], []
    while len(order) < count:
        if not waiting:
            waiting = list(domains)
            rng.shuffle(waiting)
        length, = rng.choices(SESSION_LENGTHS, SESSION_WEIGHTS)
        order += [waiting.pop()] * length
    return order[:count]


def _write(order, texts, stem):
    """Writes STEM.mail and STEM.index, a text for each sender of the order."""
    offset = 0
    with open(stem + ".mail", "wb") as mail, \
            open(stem + ".index", "w", encoding="ascii") as index:
        for domain, text in zip(order, texts):
            mail.write(text)
            index.write("\t".join((
                str(offset), str(len(text)), domain.ip, domain.host,
                domain.host, f"bounce@{domain.name}", RECIPIENT)) + "\n")
            offset += len(text)
    return stem


def write_set(domains, count, stem):
    """Writes STEM.mail and STEM.index with count messages; returns stem.

    Without a count every domain sends one message, in order.
    """
    order = _order(domains, count) if count else domains
    seeds = [f"message {i}" for i in range(len(order))]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        return _write(order, pool.map(_signed_message, order, seeds,
                                      chunksize=8), stem)


def write_texts(domains, texts, stem):
    """The same of texts that are there, signed where that is possible."""
    order = _order(domains, len(texts))
    with concurrent.futures.ProcessPoolExecutor() as pool:
        return _write(order, pool.map(_signed_if_possible, order, texts,
                                      chunksize=8), stem)


def write_sized(domains, count, kind, size, stem):
    """The same of count messages of one kind and size."""
    order = _order(domains, count)
    seeds = [f"{kind} of {size}, {i}" for i in range(count)]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        return _write(order, pool.map(
            _signed_of_size, order, seeds, [size] * count, [kind] * count),
            stem)
