"""What all tests share."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _language_of_the_test():
    """Each test starts in the default language, whatever the one before left behind."""
    with translation.override("en"):
        yield
