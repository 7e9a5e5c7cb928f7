/** moto's S3 in a child process, and a proxy to it that injects faults. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

export interface RunningServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts the program named by `MOTO_SERVER`, or moto_server from the PATH. */
export async function startS3(): Promise<RunningServer> {
  const program = process.env['MOTO_SERVER'] ?? 'moto_server';
  const child = spawn(program, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${program} ended`);
  });
  const close = async () => {
    failed.catch(() => undefined);
    child.kill();
    await failed.catch(() => undefined);
  };
  const ready = async (): Promise<RunningServer> => {
    for await (const line of createInterface({ input: child.stderr })) {
      const endpoint = /Running on (http:\S+)/.exec(line)?.[1];
      if (endpoint === undefined) continue;
      child.stderr.resume();
      return { endpoint, close };
    }
    return await failed;
  };
  return await Promise.race([ready(), failed]);
}

/** `reset`: the request has no effect. `cut`: the response ends early. */
export type Fault = 'reset' | 'cut';

/** `fault`: called for each request. */
export async function startFaultyWay(
  target: string,
  fault: (asked: IncomingMessage) => Fault | undefined,
): Promise<RunningServer> {
  const { hostname, port } = new URL(target);
  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const spoilt = fault(asked);
    if (spoilt === 'reset') return void asked.socket.destroy();
    const { method, headers, url: path } = asked;
    const onward = request({ hostname, port, method, headers, path }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers);
      if (spoilt === undefined) return void answered.pipe(answer);
      answered.once('data', (chunk: Buffer) => {
        answer.write(chunk.subarray(0, chunk.length / 2), () => asked.socket.destroy());
        answered.destroy();
      });
    });
    onward.on('error', () => asked.socket.destroy());
    asked.pipe(onward);
  };
  const server = createServer(pass);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
