// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// browser.mjs CHROMIUM FOLDER: a page in a browser without a window, whose profile is in FOLDER. A line of standard input is
// JSON, ["go", URL] or ["evaluate", EXPRESSION]; it is answered by one of standard output: {value} or {error}.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import WebSocket from 'ws';

const [program, folder] = process.argv.slice(2);
const browser = spawn(program, [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-port=0',
  `--user-data-dir=${folder}`, 'about:blank',
], { stdio: ['ignore', 'ignore', 'pipe'] });
process.on('exit', () => browser.kill('SIGKILL'));
process.on('SIGTERM', () => process.exit());
browser.on('exit', () => process.exit());

const address = await new Promise((resolve) => {
  readline.createInterface({ input: browser.stderr }).on('line', (line) => {
    const found = line.match(/^DevTools listening on (ws:.*)$/);
    if (found) resolve(found[1]);
  });
});
const tools = new WebSocket(address);
await new Promise((resolve) => tools.on('open', resolve));

// The protocol of the DevTools: a call has a number, and so does its answer; events have none.
let calls = 0;
const waiting = new Map();
const loaded = [];
tools.on('message', (data) => {
  const message = JSON.parse(data);
  if (message.method === 'Page.loadEventFired') loaded.splice(0).forEach((resolve) => resolve());
  waiting.get(message.id)?.(message);
  waiting.delete(message.id);
});
async function call(method, params = {}, sessionId = undefined) {
  const answer = new Promise((resolve) => waiting.set(++calls, resolve));
  tools.send(JSON.stringify({ id: calls, method, params, sessionId }));
  const { result, error } = await answer;
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
await call('Page.enable', {}, sessionId);

const commands = {
  async go(url) {
    const load = new Promise((resolve) => loaded.push(resolve));
    const { errorText } = await call('Page.navigate', { url }, sessionId);
    if (errorText) throw new Error(errorText);
    await load;
    return null;
  },
  async evaluate(expression) {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await call('Runtime.evaluate', options, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value ?? null;
  },
};
const input = readline.createInterface({ input: process.stdin });
input.on('close', () => process.exit());
for await (const line of input) {
  const [command, argument] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: await commands[command](argument) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
