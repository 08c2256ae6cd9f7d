// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// upload.mjs ENDPOINT FILE NAME [pause | terminate]: uploads by tus-js-client, which comes again when the server has gone. Says on
// standard output how far it is. `pause`: stops after a part by itself, and goes on as another start of a program would.
import fs from 'node:fs';
import * as tus from 'tus-js-client';

const [endpoint, path, name, what] = process.argv.slice(2);
const options = {
  endpoint,
  chunkSize: 4 * 1024 * 1024,
  retryDelays: [100, 200, 500, 1000, 2000, 2000, 2000, 2000],
  metadata: { filename: name, filetype: 'application/octet-stream' },
  uploadSize: fs.statSync(path).size,
};

function upload(more, onProgress) {
  return new Promise((resolve, reject) => {
    const one = new tus.Upload(fs.createReadStream(path), {
      ...options,
      ...more,
      onSuccess: () => resolve(one),
      onError: reject,
      onChunkComplete: (size, accepted, total) => {
        console.log(`${accepted} of ${total}`);
        onProgress?.(one, accepted, resolve);
      },
    });
    one.start();
  });
}

if (what) {
  const paused = await upload({}, (one, accepted, resolve) => {
    if (accepted < options.uploadSize) one.abort(what === 'terminate').then(() => resolve(one));
  });
  console.log(`paused at ${paused.url}`);
  if (what === 'pause') await upload({ uploadUrl: paused.url });
} else {
  await upload({});
}
console.log('done');
