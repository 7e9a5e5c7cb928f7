/**
 * Makes a loopback server reachable at another address of this machine, for containers, which have their own loopback.
 */

import { connect, createServer, type Server } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface Relay {
  /** The target's URL at the relay's address and port. */
  readonly url: string;
  close(): void;
}

/** Listens on a free port of `address`. Rejects if this machine has no such address. */
export async function relay(target: string, address: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    // An error on one side closes the other, too, so it needs no report.
    Promise.all([pipeline(near, far), pipeline(far, near)]).catch(() => {});
  });
  const url = new URL(target);
  url.host = `${address.includes(':') ? `[${address}]` : address}:${await listening(server, address)}`;
  return { url: url.href.replace(/\/$/, ''), close: () => server.close() };
}

function listening(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, () => {
      const listens = server.address();
      if (listens === null || typeof listens === 'string') throw new Error('no port');
      resolve(listens.port);
    });
  });
}
