"""rspamd as a peer: Debian's configuration and modules, everything else ours.

/etc/rspamd is read as the package ships it; the bench's own settings stand in
a local folder of their own: where DNS and redis are, the private sockets, no
greylisting, and that the milter worker scans by itself.  It logs as by default.
"""
import collections
import os
import pwd
import re
import shutil

import servers

CONFIG = "/etc/rspamd/rspamd.conf"
TLD_LIST = "/usr/share/rspamd/effective_tld_names.dat"
USER = "_rspamd"
# It compiles its patterns at the first start: 20 s of one processor.
START_SECONDS = 180
WORKERS = os.cpu_count() or 1
RESULT = re.compile(r"rspamd_task_write_log: .*\(default: \w "
                    r"\((?P<action>[a-z ]+)\): \[[^]]*\] "
                    r"\[(?P<symbols>.*)\]\), len: ")
SYMBOL = re.compile(r"([A-Z][A-Z0-9_]+)\(")
LOADED = re.compile(r"\(rspamd_proxy\).*full hyperscan database of \d+ "
                    "regexps has been loaded")


def _settings(home, redis_port):
    """{file below local.d: text}"""
    return {
        "options.inc": 'dns { nameserver = ["127.0.0.1:53"]; }\n'
                       f'url_tld = "{home}/tld.dat";\n',
        "redis.conf": f'servers = "127.0.0.1:{redis_port}";\n',
        "greylist.conf": "enabled = false;\n",  # it would not scan at all
        "worker-normal.inc": "enabled = false;\n",
        "worker-controller.inc":
            f'bind_socket = "{home}/controller.sock mode=0600";\n',
        "worker-proxy.inc":
            f'bind_socket = "{home}/milter.sock mode=0666";\n'
            f"milter = yes;\ncount = {WORKERS};\n"
            'upstream "local" { default = yes; self_scan = yes; }\n',
    }


def _may_change_user():
    """Not where root is the only user of the namespace."""
    with open("/proc/self/uid_map") as uid_map:
        return int(uid_map.read().split()[2]) > 1


def _prepare(folder, redis_port):
    """Writes the settings; returns the folder and the user's options."""
    home = f"{folder}/rspamd"
    shutil.rmtree(home, ignore_errors=True)
    for name in ("local.d", "db", "run", "log"):
        os.makedirs(f"{home}/{name}")
    # As for opendmarc: below .example there are organizational domains.
    shutil.copyfile(TLD_LIST, f"{home}/tld.dat")
    with open(f"{home}/tld.dat", "a", encoding="ascii") as file:
        file.write("\nexample\n")
    for name, text in _settings(home, redis_port).items():
        servers.write(f"{home}/local.d/{name}", text)
    if not _may_change_user():
        return home, ["--insecure"]
    os.chmod(folder, 0o711)
    user = pwd.getpwnam(USER)
    for name in (".", "db", "run", "log"):
        os.chown(f"{home}/{name}", user.pw_uid, user.pw_gid)
    return home, ["--user", USER, "--group", USER]


class Rspamd(servers.Server):
    """All its processes, and what its log says of the messages."""

    def __init__(self, folder, redis_port):
        home, options = _prepare(folder, redis_port)
        self.messages_log = f"{home}/log/rspamd.log"
        self.address = f"unix:{home}/milter.sock"
        places = {"DBDIR": f"{home}/db", "RUNDIR": f"{home}/run",
                  "LOGDIR": f"{home}/log", "LOCAL_CONFDIR": home}
        super().__init__(folder, "rspamd", [
            servers.find("rspamd"), "--no-fork", "--config", CONFIG, *options,
            *(f"--var={name}={path}" for name, path in places.items())])

    def is_ready(self):
        """Whether every worker has its compiled patterns."""
        return len(LOADED.findall(self._log_since(0))) >= WORKERS

    def mark(self):
        return os.path.getsize(self.messages_log)

    def seen_since(self, mark):
        """How many messages had each symbol and each action."""
        counts = collections.Counter()
        for line in self._log_since(mark).splitlines():
            found = RESULT.search(line)
            if found:
                counts.update({found["action"],
                               *SYMBOL.findall(found["symbols"])})
        return counts

    def _log_since(self, offset):
        try:
            with open(self.messages_log, errors="replace") as log:
                log.seek(offset)
                return log.read()
        except FileNotFoundError:
            return ""


def start(folder, redis_port):
    """rspamd, when it is ready to measure."""
    server = Rspamd(folder, redis_port)
    return server.wait_until(server.is_ready, START_SECONDS)
