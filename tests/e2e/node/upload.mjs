// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// upload.mjs ENDPOINT FILE NAME [pause | terminate | checksum | wrong]: uploads by tus-js-client, which comes again when the server
// has gone. Says on standard output how far it is. `pause`: stops after a part by itself, and goes on as another start of a program
// would. `checksum`: each part has its own; `wrong`: from the second one on it is of something else.
import crypto from 'node:crypto';
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

// It has no checksums of its own.
const content = fs.readFileSync(path);
function addChecksum(request) {
  if (request.getMethod() !== 'PATCH') return;
  const start = Number(request.getHeader('Upload-Offset'));
  const part = content.subarray(start, start + options.chunkSize);
  const hash = crypto.createHash('sha256').update(what === 'wrong' && start > 0 ? 'something else' : part);
  request.setHeader('Upload-Checksum', `sha256 ${hash.digest('base64')}`);
}

if (what === 'checksum' || what === 'wrong') {
  await upload({ onBeforeRequest: addChecksum }).catch((error) => {
    console.log(`refused: ${error.originalResponse?.getStatus()}`);
    process.exit(1);
  });
} else if (what) {
  const paused = await upload({}, (one, accepted, resolve) => {
    if (accepted < options.uploadSize) one.abort(what === 'terminate').then(() => resolve(one));
  });
  console.log(`paused at ${paused.url}`);
  if (what === 'pause') await upload({ uploadUrl: paused.url });
} else {
  await upload({});
}
console.log('done');
