"""Lines of the user's are told from those of libraries and of this package."""

import textwrap

from convwright.networks.guards import callers


def test_the_users_line_is_the_innermost_of_the_users():
    assert callers.users_place().endswith("test_callers.py:9")
    assert callers.is_called_by_user()
    text = "def place(): return users_place()\ndef is_users(): return is_called_by_user()\n"
    library = {"users_place": callers.users_place, "is_called_by_user": callers.is_called_by_user}
    exec(compile(textwrap.dedent(text), "/somewhere/site-packages/library.py", "exec"), library)
    assert library["place"]().endswith("test_callers.py:14")
    assert not library["is_users"]()
