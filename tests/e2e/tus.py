# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of tus 1.0, as much as a test needs; it shows each answer as it came."""
import base64
import hashlib
import http.client


def metadata(**pairs):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def checksum(content, algorithm="sha256"):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


class Tus:
    def __init__(self, daemon, user="anna", token=None):
        """As that user, where the daemon believes it; else with a token."""
        self.daemon = daemon
        self.query = "" if token else f"?user={user}"
        self.authorization = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method, path, body=None, **fields):
        """(status, headers, body); Tus-Resumable is added, `Upload_Length=3` is a field."""
        headers = {"Tus-Resumable": "1.0.0", **self.authorization, **{name.replace("_", "-"): str(value) for name, value in fields.items()}}
        return self.daemon.request(method, path + self.query, body, headers)

    def create(self, name, length, **fields):
        return self.send("POST", "/api/uploads", Upload_Length=length, Upload_Metadata=metadata(filename=name), **fields)

    def begin(self, name, length):
        """Where the new upload is."""
        status, headers, body = self.create(name, length)
        assert status == 201, (status, body)
        return headers["Location"]

    def append(self, location, offset, content, **fields):
        return self.send("PATCH", location, content, Upload_Offset=offset,
                         Content_Type="application/offset+octet-stream", **fields)

    def offset(self, location):
        status, headers, _ = self.send("HEAD", location)
        assert status == 200, status
        return int(headers["Upload-Offset"])

    def begin_append(self, location, offset, length):
        """A connection whose PATCH has announced so many bytes, and sent none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        connection.putrequest("PATCH", location + self.query)
        for name, value in (("Tus-Resumable", "1.0.0"), ("Content-Type", "application/offset+octet-stream"),
                            ("Upload-Offset", offset), ("Content-Length", length)):
            connection.putheader(name, str(value))
        connection.endheaders()
        return connection
