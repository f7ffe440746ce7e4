"""Installed files, and the user's."""

import os
import sysconfig

import pytest

import convwright
from convwright.networks.reading.installed import is_installed, is_users


def test_installed_packages_are_told_from_a_users_folder():
    assert is_installed(os.__file__)
    assert is_installed(pytest.__file__)
    assert is_installed("/somewhere/site-packages/net.py")
    assert not is_installed(sysconfig.get_path("purelib") + "_of_mine/net.py")


def test_the_users_files_are_neither_installed_nor_ours(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [is_users(file) for file in (str(tmp_path / "net.py"), pytest.__file__, convwright.__file__)] == [
        True,
        False,
        False,
    ]
