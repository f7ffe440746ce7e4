"""Installed files, and the user's."""

import os
import sysconfig

import pytest
import torch

import convwright
from convwright.networks.reading.installed import installed_module, is_installed, is_users


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


def test_an_installed_module_has_the_name_by_which_it_is_imported():
    assert installed_module(torch.nn.modules.conv.__file__) == "torch.nn.modules.conv"
    assert installed_module(f"{sysconfig.get_path('purelib')}/no-package/net.py") == ""
    assert installed_module("/home/me/net.py") == ""
