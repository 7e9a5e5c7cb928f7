/** The DynamoDB that ships with Zeroplane: an emulator's binary from an npm package, run as a child process. */

import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import type { FolderLock } from './folder-lock.ts';

export interface EmbeddedDynamoDB {
  readonly endpoint: string;
  /** It was started here, and ends here: no other process writes to its tables. */
  readonly isOwn: boolean;
  /** Resolves, with what it said last, when the process ends and nobody has stopped it. */
  readonly ended: Promise<string>;
  /** Ends the process, if one was started, and waits for its end. */
  stop(): Promise<void>;
}

export interface EmbeddedDynamoDBOptions {
  /** SQLite file to keep the data in; unset: in memory. */
  readonly dataFile?: string | undefined;
  /** Unset: any free port. */
  readonly port?: number | undefined;
  /** Of this machine. Unset: one that nobody guesses, where there are such. */
  readonly address?: string | undefined;
  /** Unset: `AWS_ENDPOINT_URL_DYNAMODB`; a DynamoDB that runs already is used in place of starting one. */
  readonly endpoint?: string | undefined;
  /** Called before one is started; the emulator inherits the open file that it returns. */
  readonly lock?: (() => Promise<FolderLock>) | undefined;
}

/** The npm packages that hold a binary, by platform. */
const BINARY_PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@dynoxide/darwin-arm64',
  'darwin-x64': '@dynoxide/darwin-x64',
  'linux-arm64': '@dynoxide/linux-arm64',
  'linux-x64': '@dynoxide/linux-x64',
};

/**
 * Runs the emulator until its own end or the end of standard input, which is a pipe from this process: it closes
 * however this process dies, SIGKILL included, so that no emulator outlives its parent.
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

/** Starts an emulator and waits until it answers; where an endpoint is given, starts none. */
export async function startEmbeddedDynamoDB(
  options: EmbeddedDynamoDBOptions = {},
): Promise<EmbeddedDynamoDB> {
  const given = options.endpoint ?? process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given !== undefined && given !== '') {
    return { endpoint: given, isOwn: false, ended: new Promise(() => {}), stop: async () => {} };
  }
  const binary = locateBinary();
  const lock = await options.lock?.();
  const stored = options.dataFile === undefined ? [] : ['--db-path', options.dataFile];
  // A free port may be taken before the emulator has it: then another is tried.
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const address = options.address ?? hiddenAddress();
    const command = [binary, '--host', address, '--port', String(port), ...stored];
    const started = await start(command, { address, port, lock });
    if (typeof started !== 'string') return started;
    if (options.port !== undefined || attempt === 5) {
      throw new Error(`the embedded DynamoDB did not start on port ${port}: ${started}`);
    }
  }
}

/**
 * The emulator believes whoever finds it, pages in this machine's browsers too. Linux has sixteen million loopback
 * addresses: one at random, with a port at random, is not found by trying.
 */
function hiddenAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

/** The emulator's binary. Throws, saying what to do, where there is none for the platform. */
export function locateBinary(platform = `${process.platform}-${process.arch}`): string {
  const name = BINARY_PACKAGES[platform];
  try {
    if (name !== undefined) return createRequire(import.meta.url).resolve(`${name}/dynoxide`);
  } catch {
    // An optional dependency: it may be left out even where it would fit.
  }
  throw new Error(
    name === undefined
      ? `no embedded DynamoDB is packaged for ${platform}: run one yourself, such as "npx dynoxide --port 8000", and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000`
      : `the optional package ${name} is not installed: run "npm install" without --omit=optional, or run a DynamoDB yourself, such as "npx dynoxide --port 8000", and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000`,
  );
}

async function start(
  emulator: readonly string[],
  {
    address,
    port,
    lock,
  }: { readonly address: string; readonly port: number; readonly lock: FolderLock | undefined },
): Promise<EmbeddedDynamoDB | string> {
  // A request of a killed parent may still be at work: its lock holds until the emulator is gone as well.
  const stdio = ['pipe', 'ignore', 'pipe', 'ignore', lock?.fd ?? 'ignore'] as const;
  // Detached, so that a terminal's Ctrl-C reaches this process alone, which then ends in order.
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', ...emulator], {
    stdio: [...stdio],
    detached: true,
  }) as ChildProcessWithoutNullStreams;
  let said = '';
  let listening = false;
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
    listening ||= said.includes('listening on');
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let over = false;
  let isStopping = false;
  void ended.then(() => {
    over = true;
  });
  for (let waited = 0; !over && waited < 10_000; waited += 5) {
    if (listening && (await connects(port, address))) {
      // Neither the child nor its pipes keep a process alive that has nothing else to do.
      child.unref();
      for (const pipe of [child.stdin, child.stderr]) (pipe as unknown as { unref(): void }).unref();
      const end = async () => {
        isStopping = true;
        await stop(child, ended);
        lock?.release();
      };
      // Its pipes stay open for as long as their watcher waits for this process: they tell nothing.
      const endedAlone = new Promise<string>((resolve) => {
        child.once('exit', () => {
          if (!isStopping) resolve(said.trim());
        });
      });
      return { endpoint: `http://${address}:${port}`, isOwn: true, ended: endedAlone, stop: end };
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stop(child, ended);
  return said.trim();
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
