"""Nodes that others can reach want Ray's token."""

import pytest

from cluster.network import untrusted


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.3", "::1", "localhost"])
def test_this_machines_own_addresses_need_none(address: str) -> None:
    assert untrusted([address]) is None


@pytest.mark.parametrize("address", ["10.0.0.7", "0.0.0.0", "fe80::1", "no-such-host.invalid"])
def test_others_are_refused_with_what_to_do(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = untrusted(["127.0.0.1", address])
    assert refusal is not None
    assert refusal.startswith(f"{address} is reached")
    assert "RAY_AUTH_TOKEN" in refusal
    assert "--trust-network" in refusal
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    assert untrusted([address]) is None
