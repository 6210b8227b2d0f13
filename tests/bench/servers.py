"""The servers of the bench: nsd, a delaying DNS proxy, unbound, the filters.

All of them live in the bench's temporary folder, on loopback, and end with it.
The names are under .example: libunbound, and with it opendkim, answers .test
out of itself.
"""
import os
import re
import shutil
import socket
import subprocess
import threading
import time

AUTHSERV_ID = "mx.gatepost.example"
NSD_PORT = 5310
DELAY_PORT = 5311
REDIS_PORT = 6390
START_SECONDS = 15
PUBLIC_SUFFIX_LIST = "/usr/share/publicsuffix/public_suffix_list.dat"
ZONE_HEAD = """$TTL 3600
@ SOA ns.example. hostmaster.example. 1 3600 600 86400 300
@ NS ns.example.
"""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """A server does not start or a load fails; the text says why."""


def write(path, text):
    """Writes a text file; returns its path."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def find(program):
    """The program's path, also where root's PATH is not ours; None: absent."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"
    return shutil.which(program, path=path)


def _proc(pid, name):
    """The text of /proc/PID/NAME; "": the process has ended."""
    try:
        with open(f"/proc/{pid}/{name}") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Server:
    """A process in the foreground, its output in FOLDER/NAME.log."""

    def __init__(self, folder, name, command):
        self.name = name
        self.log = f"{folder}/{name}.log"
        with open(self.log, "ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=folder)

    def wait_until(self, is_ready, seconds=START_SECONDS):
        """Waits until is_ready() or raises with the end of the log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            if is_ready():
                return self
            time.sleep(0.02)
        self.stop()
        with open(self.log, errors="replace") as log:
            raise BenchError(f"{self.name} does not start:\n"
                             + log.read()[-2000:])

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def processes(self):
        """{process id: clock ticks}: its own and the processes below it."""
        parents, ticks = {}, {}
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            fields = _proc(pid, "stat").rpartition(")")[2].split()
            if fields:
                parents[pid] = int(fields[1])
                ticks[pid] = int(fields[11]) + int(fields[12])
        family = {}
        for pid in parents:
            ancestor = pid
            while ancestor in parents and ancestor != self.process.pid:
                ancestor = parents[ancestor]
            if ancestor == self.process.pid:
                family[pid] = ticks[pid]
        return family

    def cpu_seconds(self):
        """User and system time so far of all threads of all processes."""
        return sum(self.processes().values()) / CLOCK_TICKS

    def resident_mb(self):
        """RSS of all processes: what they share counts for each."""
        return self._memory_mb("Rss:")

    def proportional_mb(self):
        """PSS: what processes share is divided among them."""
        return self._memory_mb("Pss:")

    def _memory_mb(self, what):
        total = 0
        for pid in self.processes():
            sizes = _proc(pid, "smaps_rollup").splitlines()
            total += sum(int(line.split()[1]) for line in sizes
                         if line.startswith(what))
        return total / 1024

    def complaints(self):
        """The lines of its log that are warnings or worse."""
        with open(self.log, errors="replace") as log:
            log.seek(self.log_start)
            return [line.rstrip() for line in log
                    if re.match(r"[\w-]+: (warning|error|fatal|panic): ",
                                line)]

    def mark(self):
        """Where seen_since() is to start."""

    def seen_since(self, _):
        """{text: messages with it} that the server logged since the mark."""
        return {}


def _unix_ready(path):
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(path) == 0


def _dns_ready(port):
    """Whether the SOA of example. is answered on 127.0.0.1."""
    query = (b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
             b"\x07example\x00\x00\x06\x00\x01")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.3)
        try:
            sock.sendto(query, ("127.0.0.1", port))
            answer = sock.recv(4096)
        except OSError:
            return False
    return answer[3] & 15 == 0 and answer[7] > 0


def nsd(folder, zones):
    """The authoritative server of all zones ({name: text}), without limits."""
    text = f"""server:
  ip-address: 127.0.0.1@{NSD_PORT}
  server-count: 1
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/nsd.xfrd"
  zonelistfile: "{folder}/nsd.zonelist"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
"""
    for name, zone in zones.items():
        file = f"{name.strip('.') or 'root'}.zone"
        write(f"{folder}/{file}", zone)
        text += f'zone:\n  name: "{name}"\n  zonefile: "{file}"\n'
    config = write(f"{folder}/nsd.conf", text)
    server = Server(folder, "nsd", [find("nsd"), "-d", "-c", config])
    return server.wait_until(lambda: _dns_ready(NSD_PORT))


def unbound(folder, zones, dns_port):
    """The caching resolver the peers ask, on port 53; no validation."""
    text = f"""server:
  interface: 127.0.0.1
  port: 53
  do-ip6: no
  do-daemonize: no
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{folder}"
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
remote-control:
  control-enable: no
"""
    for name in zones:
        text += (f'stub-zone:\n  name: "{name}"\n'
                 f"  stub-addr: 127.0.0.1@{dns_port}\n")
    config = write(f"{folder}/unbound.conf", text)
    server = Server(folder, "unbound", [find("unbound"), "-d", "-c", config])
    return server.wait_until(lambda: _dns_ready(53))


def _redis_ready():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(0.3)
        try:
            sock.connect(("127.0.0.1", REDIS_PORT))
            sock.sendall(b"PING\r\n")
            return sock.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def redis(folder):
    """An empty store in memory, for one filter."""
    server = Server(folder, "redis", [
        find("redis-server"), "--port", str(REDIS_PORT), "--bind", "127.0.0.1",
        "--save", "", "--appendonly", "no", "--dir", folder])
    return server.wait_until(_redis_ready)


def _filter(folder, name, command):
    path = f"{folder}/{name}.sock"
    server = Server(folder, name, command)
    server.address = "unix:" + path
    return server.wait_until(lambda: _unix_ready(path))


def opendkim(folder):
    """Verifier; no log, its own libunbound asks our resolver."""
    config = write(f"{folder}/opendkim.conf", f"""Mode v
AuthservID {AUTHSERV_ID}
Socket local:{folder}/opendkim.sock
Nameservers 127.0.0.1
DNSTimeout 5
Syslog no
""")
    return _filter(folder, "opendkim",
                   [find("opendkim"), "-f", "-x", config])


def opendmarc(folder):
    """DMARC with its own SPF check by libspf2; no log, no history file."""
    text = f"""AuthservID {AUTHSERV_ID}
TrustedAuthservIDs {AUTHSERV_ID}
Socket local:{folder}/opendmarc.sock
SPFIgnoreResults true
SPFSelfValidate true
RejectFailures false
Syslog false
"""
    if os.path.exists(PUBLIC_SUFFIX_LIST):
        # Without a line of its own opendmarc finds no organizational domain
        # below .example, and news.d000.example has no policy.
        own = f"{folder}/public_suffix_list.dat"
        shutil.copyfile(PUBLIC_SUFFIX_LIST, own)
        with open(own, "a", encoding="ascii") as file:
            file.write("\nexample\n")
        text += f"PublicSuffixList {own}\n"
    config = write(f"{folder}/opendmarc.conf", text)
    return _filter(folder, "opendmarc",
                   [find("opendmarc"), "-f", "-c", config])


def gatepost(folder, program, zones, dns_port, sections=""):
    """Ours, with its resolver asking nsd; one log line a message to a file.

    sections is put behind the configuration.
    """
    stubs = ", ".join(f'"{name}=127.0.0.1@{dns_port}"' for name in zones)
    insecure = ", ".join(f'"{name}"' for name in zones)
    config = write(f"{folder}/gatepost.conf", f"""general {{
  authserv_id = "{AUTHSERV_ID}"
  user = ""
}}
milter {{
  socket = "unix:{folder}/gatepost-milter.sock"
  pid_file = ""
}}
dns {{
  stub = {{{stubs}}}
  insecure = {{{insecure}}}
  trust_anchor_file = ""
  lan_zones = yes
  timeout = 5s
}}
{sections}""")
    return _filter(folder, "gatepost-milter",
                   [program, "--foreground", "--config", config])


class DelayProxy:
    """Hands UDP questions to nsd and each answer back delay_ms later."""

    def __init__(self, delay_ms):
        self.delay = delay_ms / 1000
        self.questions = 0
        self.clients = {}               # our query id: client, its query id
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", DELAY_PORT))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", NSD_PORT))
        self.waiting = []               # (due, answer, client), in order
        self.wakeup = threading.Condition()
        for task in (self._ask, self._collect, self._answer):
            threading.Thread(target=task, daemon=True).start()

    def wait_until_idle(self):
        """Until every question is answered and no other follows."""
        seen = -1
        while seen != self.questions or self.clients:
            seen = self.questions
            time.sleep(2 * self.delay + 0.1)

    def _ask(self):
        while True:
            packet, client = self.front.recvfrom(65535)
            self.questions += 1
            number = self.questions & 0xffff
            self.clients[number] = (client, packet[:2])
            self.back.send(number.to_bytes(2, "big") + packet[2:])

    def _collect(self):
        while True:
            packet = self.back.recv(65535)
            client, query_id = self.clients.pop(
                int.from_bytes(packet[:2], "big"))
            with self.wakeup:
                self.waiting.append((time.monotonic() + self.delay,
                                     query_id + packet[2:], client))
                self.wakeup.notify()

    def _answer(self):
        while True:
            with self.wakeup:
                while not self.waiting:
                    self.wakeup.wait()
                due, packet, client = self.waiting.pop(0)
            time.sleep(max(0.0, due - time.monotonic()))
            self.front.sendto(packet, client)
