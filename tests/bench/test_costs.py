import sys

import pytest

from bench import costs
from bench.scale import SHARED_PAGES


class Worker:
    """Answers every address in a millisecond, one in as many as it is given."""

    def __init__(self, slow: float) -> None:
        self._slow = slow

    def ask(self, path):
        return {"status": 200, "cpu_ms": self._slow if path == costs.COSTLY["nothing"] else 1.0}

    def end(self):
        pass


@pytest.mark.parametrize(("milliseconds", "status"), [(10.0, 0), (10.1, 1)])
def test_an_address_that_costs_more_than_ten_pages_is_an_error(
    monkeypatch, tmp_path, capsys, milliseconds, status
):
    monkeypatch.setattr(costs, "build", lambda *arguments: None)
    monkeypatch.setattr(costs, "Worker", lambda *arguments: Worker(milliseconds))
    monkeypatch.setattr(sys, "argv", ["costs", "--keep", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        costs.main()
    assert ended.value.code == status
    assert f"{status} above 10 ×" in capsys.readouterr().out


@pytest.mark.django_db
def test_costly_addresses_are_those_of_strangers_and_never_fail(client):
    for path in [*costs.COSTLY.values(), *SHARED_PAGES.values()]:
        assert client.get(path).status_code in (200, 301, 302, 404), path
