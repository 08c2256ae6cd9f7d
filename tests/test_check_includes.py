#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of includes finds what it is there for."""
import unittest

from check_includes import check, read_table

TABLE = """
## Who may include whom

| folder | may include |
|---|---|
| shared/core | |
| server/http | shared/core |
| server/search | shared/core server/db/pool.h |
| server/search/endpoints.* | server/http |
| server/app | server shared |

## Next
| server/other | server |
"""


class Includes(unittest.TestCase):
    def faults(self, path, include):
        return list(check([(path, f'\n#include "{include}"\n')], read_table(TABLE)))

    def test_allows_own_folder_and_what_the_table_names(self):
        self.assertEqual(self.faults("server/http/router.cpp", "server/http/router.h"), [])
        self.assertEqual(self.faults("server/http/router.cpp", "shared/core/error.h"), [])
        self.assertEqual(self.faults("server/search/store.cpp", "server/db/pool.h"), [])
        self.assertEqual(self.faults("server/app/application.cpp", "server/http/router.h"), [])

    def test_refuses_the_way_up_and_names_the_line(self):
        self.assertEqual(len(self.faults("shared/core/error.cpp", "server/http/router.h")), 1)
        self.assertIn("shared/core/error.cpp:2", self.faults("shared/core/error.cpp", "server/http/router.h")[0])

    def test_a_single_header_is_not_its_folder(self):
        self.assertEqual(len(self.faults("server/search/store.cpp", "server/db/connection.h")), 1)

    def test_a_pattern_of_files_adds_to_its_folder(self):
        self.assertEqual(self.faults("server/search/endpoints.cpp", "server/http/router.h"), [])
        self.assertEqual(self.faults("server/search/endpoints.cpp", "server/db/pool.h"), [])
        self.assertEqual(len(self.faults("server/search/service.cpp", "server/http/router.h")), 1)

    def test_a_folder_that_is_not_in_the_table_is_a_fault(self):
        self.assertEqual(len(self.faults("server/other/x.cpp", "server/other/x.h")), 1)


if __name__ == "__main__":
    unittest.main()
