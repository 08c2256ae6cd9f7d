// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// clients.mjs: npm's EventSource and ws, as many as are asked for. A line of standard input is JSON, [client, command, argument];
// a line of standard output is [client, what happened to it], where `last` says that nothing more will.
import net from 'node:net';
import readline from 'node:readline';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';

const clients = new Map();

// `names` of the events to hear, `closeOn` one of them, `headers` of the first request and of all that follow it.
function listen(say, { url, names = [], closeOn, headers: ours = {} }) {
  const source = new EventSource(url, {
    fetch: async (address, init) => {
      // What the client itself says comes last: a Last-Event-ID among ours is from an earlier life.
      const headers = { ...ours, ...init.headers };
      say({ what: 'request', lastEventId: headers['Last-Event-ID'] ?? null });
      const answer = await fetch(address, { ...init, headers });
      say({ what: 'answer', status: answer.status, headers: Object.fromEntries(answer.headers) });
      return answer;
    },
  });
  const close = () => {
    source.close();
    say({ what: 'closed', last: true });
  };
  source.addEventListener('open', () => say({ what: 'open' }));
  source.addEventListener('error', (error) => {
    say({ what: 'error', code: error.code ?? null, message: error.message ?? null });
    if (source.readyState === EventSource.CLOSED) close();
  });
  for (const name of ['message', ...names]) {
    source.addEventListener(name, (event) => {
      say({ what: 'event', name, data: event.data, id: event.lastEventId });
      if (name === closeOn) close();
    });
  }
  return { close, end: () => source.close() };
}

// `protocols`, and what the constructor of ws takes: `headers`, `origin`, `autoPong`. `descriptor` is of a connection that there is
// already, of which nothing is read ahead.
function connect(say, { url, protocols = [], descriptor, ...options }) {
  if (descriptor) options.createConnection = () => new net.Socket({ fd: descriptor, highWaterMark: 1 });
  const socket = new WebSocket(url, protocols, options);
  socket.on('open', () => say({ what: 'open', protocol: socket.protocol, extensions: socket.extensions }));
  socket.on('message', (data, isBinary) => say({ what: 'message', text: data.toString(), isBinary }));
  socket.on('ping', () => say({ what: 'ping' }));
  socket.on('pong', (data) => say({ what: 'pong', payload: data.toString() }));
  socket.on('error', (error) => say({ what: 'error', message: error.message }));
  socket.on('close', (code, reason) => say({ what: 'close', code, reason: reason.toString(), last: true }));
  socket.on('unexpected-response', (_, answer) => {
    let body = '';
    answer.on('data', (part) => (body += part));
    answer.on('end', () => say({ what: 'refused', status: answer.statusCode, headers: answer.headers, body, last: true }));
  });
  return {
    send: (message) => socket.send(message),
    // Text of that many bytes: in one frame, or in as many as there are numbers.
    fill: (sizes) => sizes.forEach((size, i) => socket.send('x'.repeat(size), { fin: i + 1 === sizes.length, binary: false })),
    binary: (message) => socket.send(Buffer.from(message), { binary: true }),
    ping: (payload) => socket.ping(payload),
    pause: () => {
      socket.pause();
      say({ what: 'paused' });
    },
    resume: () => socket.resume(),
    close: ([code, reason]) => socket.close(code, reason),
    end: () => socket.terminate(),
  };
}

const kinds = { listen, connect };
const input = readline.createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [client, command, argument] = JSON.parse(line);
  if (kinds[command]) {
    const say = (what) => console.log(JSON.stringify([client, what]));
    clients.set(client, kinds[command](say, argument));
  } else {
    clients.get(client)[command](argument);
  }
});
input.on('close', () => process.exit());
