"""How the project's own templates are read."""

import re
from typing import Any

from django.template.loaders.filesystem import Loader as FileLoader

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class Loader(FileLoader):
    """Read templates without their indentation, which is a tenth of a page as it is sent.

    Lines keep their numbers. No template has an element in which spaces at the beginning of a
    line matter, other than in what a variable puts there.
    """

    def get_contents(self, origin: Any) -> str:
        return _INDENTATION.sub("", super().get_contents(origin))
