// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// Node's own http module with the plain endpoints of the measurements. Environment: PORT.
import http from 'node:http';

const answers = {
  '/hello': () => ['text/plain', 'Hello, World!'],
  '/json': () => ['application/json', JSON.stringify({ message: 'Hello, World!' })],
};

const server = http.createServer((request, response) => {
  const answer = answers[request.url];
  if (!answer) {
    response.writeHead(404).end();
    return;
  }
  const [type, body] = answer();
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
});
server.keepAliveTimeout = 300_000;
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
