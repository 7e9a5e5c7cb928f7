/**
 * The emulator as a server of DynamoDB's HTTP API, for clients that use the AWS SDK: functions on this machine, and
 * tests. It does not authenticate.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { locateBinary } from '../local/dynamodb/emulator-binary.ts';

export interface DynamoDBServer {
  readonly endpoint: string;
  /** Ends the process, and waits for its end. */
  stop(): Promise<void>;
}

export interface DynamoDBServerOptions {
  /** Of this machine. Unset: an unguessable one, where possible. */
  readonly address?: string | undefined;
}

/**
 * Runs the emulator until it ends or standard input ends, which is a pipe from this process: it closes however this
 * process dies, SIGKILL included, so that no emulator outlives its parent.
 */
const SUPERVISOR = `
umask 077
exec 3<&0
"$@" </dev/null &
child=$!
trap 'kill $child 2>/dev/null' TERM INT HUP
{ read -r _ <&3; kill $child 2>/dev/null; } &
wait $child
`;

/** Starts an in-memory emulator on a free port, and waits until it answers. */
export async function startDynamoDBServer({
  address = hiddenAddress(),
}: DynamoDBServerOptions = {}): Promise<DynamoDBServer> {
  const binary = locateBinary();
  // A free port may be taken before the emulator binds it: then another is tried.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const started = await start([binary, '--host', address, '--port', String(port)], address, port);
    if (typeof started !== 'string') return started;
    if (attempt === 5) throw new Error(`the emulator did not start on port ${port}: ${started}`);
  }
}

/**
 * The emulator trusts every caller, including web pages in this machine's browsers. Linux has sixteen million loopback
 * addresses, so a random one with a random port can't be found by trying.
 */
function hiddenAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

async function start(
  emulator: readonly string[],
  address: string,
  port: number,
): Promise<DynamoDBServer | string> {
  // Detached, so that Ctrl-C in a terminal reaches only this process, which then shuts down in order.
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', ...emulator], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  let output = '';
  let listening = false;
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000);
    listening ||= output.includes('listening on');
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (let waited = 0; !over && waited < 10_000; waited += 5) {
    if (listening && (await connects(port, address))) {
      // Neither the child nor its pipes keep an otherwise idle process alive.
      child.unref();
      for (const pipe of [child.stdin, child.stderr]) (pipe as unknown as { unref(): void }).unref();
      return { endpoint: `http://${address}:${port}`, stop: () => stop(child, ended) };
    }
    await sleep(5);
  }
  await stop(child, ended);
  return output.trim();
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.ref();
  (child.stderr as unknown as { ref(): void }).ref();
  child.stdin?.destroy();
  child.kill('SIGTERM');
  await ended;
}

function connects(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
