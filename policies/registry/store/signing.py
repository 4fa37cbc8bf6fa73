"""Keys that sign exports: Ed25519, the private one in a file for its owner only, the public one a line of text."""

from __future__ import annotations

import os
import stat
from secrets import token_hex

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from policies.registry.store.new_file import new_file
from policies.registry.store.problems import StoreError

PREFIX = "ed25519:"


class SigningKey:
    """A private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> str:
        """The public key, to be handed on: `ed25519:` and 64 hexadecimal digits."""
        return PREFIX + self._key.public_key().public_bytes_raw().hex()

    def sign(self, data: bytes) -> str:
        """The signature, in hexadecimal."""
        return self._key.sign(data).hex()


def new_key(path: str) -> SigningKey:
    """Makes a key and writes it into a new file that only its owner may read.

    Raises `FileExistsError` where there is a file already, other `OSError`.
    """
    key = Ed25519PrivateKey.generate()
    with new_file(path, 0o600) as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return SigningKey(key)


def own_key(path: str) -> SigningKey:
    """The key in a file; made, with its folder, where there is none. Two who come at once get the same.

    Raises `StoreError` as `open_key` does, `OSError`.
    """
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        made = f"{path}.{token_hex(8)}"
        new_key(made)
        try:
            os.link(made, path)  # whole from the first moment on, and only where nobody was faster
        except FileExistsError:
            pass
        finally:
            os.unlink(made)
    return open_key(path)


def open_key(path: str) -> SigningKey:
    """The key in a file. Raises `StoreError` where others may read it or it is no such key, `OSError`."""
    with open(path, "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise StoreError(
                "key-open",
                f"others may read the signing key `{path}`; forbid it (chmod 600), or make another key",
                f"签名密钥 `{path}` 可被他人读取；请收回权限（chmod 600）或另建密钥",
            )
        text = file.read(65_536)
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreError(
            "key",
            f"`{path}` holds no Ed25519 key without a password; make one anew",
            f"`{path}` 中没有未加密的 Ed25519 密钥；请新建密钥",
        )
    return SigningKey(key)


def signed_by(public: str, signature: str, data: bytes) -> bool:
    """Whether a signature of these bytes was made with the key to a public key. Raises `StoreError` for what is no key."""
    try:
        if not public.startswith(PREFIX):
            raise ValueError(public)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public.removeprefix(PREFIX)))
    except ValueError:
        raise StoreError(
            "public-key",
            f"`{public}` is no public key; one is written `{PREFIX}` and 64 hexadecimal digits",
            f"`{public}` 不是公钥；公钥写作 `{PREFIX}` 加 64 位十六进制数",
        ) from None
    try:
        key.verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True
