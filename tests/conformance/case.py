# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How cases are listed."""

ALL = ("plain", "tls", "unix", "dropin")
OURS = ("plain", "tls", "unix")  # needs a route that only our own server has


class Case:
    def __init__(self, name, run, kinds, quick):
        self.name, self.run, self.kinds, self.quick = name, run, kinds, quick


class Table(list):
    def case(self, kinds=ALL, quick=False):
        """Lists the decorated function; `quick` is for the server with short timeouts and few connections."""

        def add(function):
            self.append(Case(function.__name__, function, kinds, quick))
            return function

        return add

    def add_row(self, name, run, kinds=ALL):
        self.append(Case(name, run, kinds, False))
