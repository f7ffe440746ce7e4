"""Installed files, and the user's."""

import os
import sysconfig

import pytest

from convwright.networks.reading.installed import is_installed


def test_installed_packages_are_told_from_a_users_folder():
    assert is_installed(os.__file__)
    assert is_installed(pytest.__file__)
    assert is_installed("/somewhere/site-packages/net.py")
    assert not is_installed(sysconfig.get_path("purelib") + "_of_mine/net.py")
