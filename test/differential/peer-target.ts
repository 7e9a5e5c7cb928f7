import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { bodyOf, headersOf, type Target } from './exchange.ts';

/** An external server. `address`: its URL and the files of its CA, a certificate and a key, separated by commas. */
export function peerTarget(address: string): Target {
  const [url, ca, cert, key] = address.split(',');
  if (!url || !ca || !cert || !key) throw new Error('--peer takes URL,CA,CERTIFICATE,KEY');
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 4,
    ca: readFileSync(ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
    // The peer is trusted as the holder of the given key; its certificate may be self-signed.
    rejectUnauthorized: false,
  });
  return {
    ask: (step) =>
      new Promise((resolve, reject) => {
        const body = bodyOf(step);
        const headers = { ...headersOf(step), ...(body.length > 0 && { 'content-length': body.length }) };
        const asked = request(new URL(url + step.path), { method: step.method, headers, agent });
        asked.on('error', reject);
        asked.on('response', (response: IncomingMessage) => {
          const { statusCode: status = 0, headersDistinct } = response;
          const [contentType = ''] = headersDistinct['content-type'] ?? [];
          const warnings = headersDistinct['warning'] ?? [];
          text(response).then(
            (whole) => resolve({ status, contentType, warnings, text: whole, headers: headersDistinct }),
            reject,
          );
        });
        asked.end(body);
      }),
  };
}
