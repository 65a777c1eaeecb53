"""nginx and Caddy with the files of docs/deploy, on loopback ports and with a certificate of their own making."""

import http.client
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from served import free_port, until

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
HOST = "crowdhook.example.org"
WRAPPED = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/crowdhook.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs, and how to speak to it."""

    port: int
    certificate: Path

    def connected(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.certificate)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 30), server_hostname=HOST)

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        """Send a request and return the status of its answer."""
        given = {"Host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection(HOST)) as connection:
            connection.sock = self.connected()
            connection.request(method, path, body, given)
            return connection.getresponse().status


@contextmanager
def nginx(folder: Path, receiver: int, changed: Callable[[str], str]) -> Iterator[Proxy]:
    """Run nginx in front of a receiver; `changed` changes its file."""
    proxy = Proxy(free_port(), _certificate(folder))
    text = _replaced(
        changed((DEPLOY / "nginx.conf").read_text(encoding="utf-8")),
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{proxy.port} ssl;",
            "listen [::]:443 ssl;": "",
            f"/etc/letsencrypt/live/{HOST}/fullchain.pem": str(proxy.certificate),
            f"/etc/letsencrypt/live/{HOST}/privkey.pem": str(folder / "key.pem"),
            "http://127.0.0.1:8080": f"http://127.0.0.1:{receiver}",
        },
    )
    (folder / "crowdhook.conf").write_text(text)
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""  # the folder is its owner's alone
    (folder / "nginx.conf").write_text(WRAPPED.format(folder=folder, user=user))
    with _running(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"], proxy, {}):
        yield proxy


@contextmanager
def caddy(folder: Path, receiver: int, changed: Callable[[str], str]) -> Iterator[Proxy]:
    """Run Caddy in front of a receiver; `changed` changes its file."""
    proxy = Proxy(free_port(), _certificate(folder))
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout.lstrip("v")
    certificate = f"{proxy.certificate} {folder}/key.pem"
    old = tuple(int(part) for part in version.split()[0].split(".")[:2]) < (2, 7)
    text = _replaced(
        changed((DEPLOY / "Caddyfile").read_text(encoding="utf-8")),
        {
            f"\n{HOST} {{": f"\nhttps://{HOST}:{proxy.port} {{\n\ttls {certificate}\n\tbind 127.0.0.1",
            "\n{\n\tservers": "\n{\n\tadmin off\n\tauto_https disable_redirects\n\tservers",
            "reverse_proxy 127.0.0.1:8080": f"reverse_proxy 127.0.0.1:{receiver}",
            "request_buffers 1MiB": "buffer_requests" if old else "request_buffers 1MiB",
        },
    )
    (folder / "Caddyfile").write_text(text)
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _running(["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], proxy, homes):
        yield proxy


def _certificate(folder: Path) -> Path:
    name = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *name]
    subprocess.run(made, check=True, capture_output=True)
    return folder / "certificate.pem"


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def _running(command: list[str], proxy: Proxy, env: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **env}) as process:
        try:
            until(lambda: _listens(proxy) or process.poll() is not None)
            assert process.poll() is None, f"{command[0]} did not start"
            yield
        finally:
            process.terminate()
            process.wait(30)


def _listens(proxy: Proxy) -> bool:
    try:
        proxy.connected().close()
    except OSError:
        return False
    return True
