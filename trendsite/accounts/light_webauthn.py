"""The app of django-otp-webauthn, started without the library that checks passkeys.

That library, `webauthn`, takes 14 MB, most of it for cryptography, and its packages import all of
it as soon as one of their modules is. The models of the app need enumerations of it alone, so
these are imported by themselves; the rest comes when the first passkey is added or used.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any


@contextmanager
def _modules_alone() -> Iterator[None]:
    """Let modules of `webauthn` be imported in the block without what its packages import."""
    if "webauthn" in sys.modules:
        yield
        return
    [folder] = PathFinder.find_spec("webauthn").submodule_search_locations  # type: ignore[union-attr,misc]
    packages = {"webauthn": folder, "webauthn.helpers": f"{folder}/helpers"}
    for name, path in packages.items():
        package = ModuleType(name)
        package.__path__ = [path]
        sys.modules[name] = package
    package.parse_attestation_object = _parse_attestation_object  # type: ignore[attr-defined]
    try:
        yield
    finally:  # the next to import them gets the packages themselves
        del sys.modules["webauthn"], sys.modules["webauthn.helpers"]


def _parse_attestation_object(value: bytes) -> Any:
    from webauthn.helpers import parse_attestation_object

    return parse_attestation_object(value)


with _modules_alone():
    from django_otp_webauthn.apps import OtpWebauthnConfig


class LightWebauthnConfig(OtpWebauthnConfig):
    """The app as it is, but for what its models import."""

    def import_models(self) -> None:
        with _modules_alone():
            super().import_models()
