"""certificates: authorities and what they sign, by the openssl program; each certificate is a file with its chain and key."""

import base64
import datetime
import pathlib
import re
import subprocess

CONFIG = """[ca]
default_ca = it
[it]
database = {dir}/index
serial = {dir}/serial
new_certs_dir = {dir}
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""
AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage={usage}\n{names}"
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def run(*command):
    subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)


def at(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Certificates:
    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(exist_ok=True)
        self.conf = self.dir / "conf"
        self.conf.write_text(CONFIG.format(dir=self.dir))
        (self.dir / "index").touch()
        (self.dir / "serial").write_text("01\n")

    def make(self, name, issuer=None, extensions="", start=-1, end=30, key=EC, digest="sha256", chain=()):
        """(certificate with @chain behind it, key). @issuer: a name that was made; None: it signs itself. Days from now."""
        certificate, secret, asked, more = (self.dir / f"{name}.{kind}" for kind in ("crt", "key", "csr", "ext"))
        more.write_text(extensions)
        run("req", "-new", *key, "-nodes", "-config", self.conf, "-subj", f"/CN={name}", "-keyout", secret, "-out", asked)
        signer = ("-selfsign", "-keyfile", secret) if issuer is None else (
            "-cert", self.dir / f"{issuer}.alone", "-keyfile", self.dir / f"{issuer}.key")
        run("ca", "-config", self.conf, "-batch", "-notext", "-md", digest, "-startdate", at(start), "-enddate", at(end), "-extfile", more,
            "-in", asked, "-out", certificate, *signer)
        alone = self.dir / f"{name}.alone"
        alone.write_text(certificate.read_text())
        certificate.write_text(alone.read_text() + "".join((self.dir / f"{one}.alone").read_text() for one in chain))
        return certificate, secret

    def authority(self, name, issuer=None, extensions=AUTHORITY, **more):
        return self.make(name, issuer, extensions, **more)

    def leaf(self, name, issuer="root", names="subjectAltName=IP:127.0.0.1", usage="serverAuth", **more):
        return self.make(name, issuer, LEAF.format(usage=usage, names=names), **more)

    def spoiled(self, name, **more):
        """One whose signature was changed."""
        certificate, secret = self.leaf(name, **more)
        found = re.search("-----BEGIN CERTIFICATE-----(.*?)-----END", certificate.read_text(), re.DOTALL)
        raw = bytearray(base64.b64decode(found[1]))
        raw[-1] ^= 1
        certificate.write_text("-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(bytes(raw)).decode() + "-----END CERTIFICATE-----\n")
        return certificate, secret
