/**
 * Emulates an AWS Lambda Web Function: runs `index.js` of a bundle like its runtime, with the endpoint in front
 * (https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html). Environments are created on demand, each for
 * many concurrent requests.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface WebFunctionOptions {
  /** Folder with `index.js`. */
  readonly bundles: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly maxConcurrency: number;
  /** Maximum duration of a response. */
  readonly timeoutSeconds: number;
  /** Called with each line that it logs. Absent: lines go to this process's output. */
  readonly onLog?: ((line: string) => void) | undefined;
}

export interface WebFunction {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  /** Number of environments created so far. */
  environments(): number;
  /** Shuts down all environments; resolves with each one's exit code or signal. */
  scaleToZero(): Promise<readonly (number | string | null)[]>;
  close(): Promise<void>;
}

/** Milliseconds until an environment must listen. */
const INIT_MS = 10_000;
/** Milliseconds between SIGTERM and SIGKILL. */
const SHUTDOWN_MS = 1_000;

/** Headers that the endpoint doesn't forward in either direction, and those that only it may set. */
const DROPPED =
  /^(connection|keep-alive|upgrade|expect|te|trailer|transfer-encoding|proxy-.*|x-real-ip|x-http-method.*|x-method-override|lambda-web-.*)$/i;

interface Environment {
  readonly child: ChildProcess;
  readonly port: number;
  running: number;
}

export async function startWebFunction(options: WebFunctionOptions): Promise<WebFunction> {
  const environments = new Map<Environment, Promise<void>>();
  let made = 0;

  const start = async (): Promise<Environment> => {
    made++;
    const port = await freePort();
    const isTold = options.onLog !== undefined;
    const child = spawn(process.execPath, ['index.js'], {
      cwd: options.bundles,
      env: {
        ...options.environment,
        AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
        AWS_LAMBDA_INITIALIZATION_TYPE: 'native-http',
        LAMBDA_TASK_ROOT: options.bundles,
      },
      stdio: ['ignore', isTold ? 'pipe' : 'inherit', isTold ? 'pipe' : 'inherit'],
    });
    for (const input of [child.stdout, child.stderr]) {
      if (input) createInterface({ input }).on('line', options.onLog!);
    }
    return { child, port, running: 0 };
  };

  /** An environment with free capacity, created if there is none. */
  const acquire = async (): Promise<Environment> => {
    for (const [environment, ready] of environments) {
      if (environment.running >= options.maxConcurrency || environment.child.exitCode !== null) continue;
      environment.running++;
      await ready;
      return environment;
    }
    const environment = await start();
    environment.running++;
    const ready = listens(environment);
    environments.set(environment, ready);
    await ready;
    return environment;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const environment = await acquire();
    const given = Object.entries(request.headersDistinct).filter(([name]) => !DROPPED.test(name));
    const forwarded = request.headersDistinct['x-forwarded-for'] ?? [];
    const headers = {
      ...Object.fromEntries(given),
      host: request.headers.host,
      'x-forwarded-for': [...forwarded, request.socket.remoteAddress ?? ''],
      'lambda-web-request-id': randomUUID(),
    };
    const { method, url: path } = request;
    const sent = send({ host: '127.0.0.1', port: environment.port, method, path, headers });
    const cut = setTimeout(() => sent.destroy(new Error('timeout')), options.timeoutSeconds * 1000);
    try {
      request.pipe(sent);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      const kept = Object.entries(answer.headersDistinct).filter(([name]) => !DROPPED.test(name));
      response.writeHead(answer.statusCode!, Object.fromEntries(kept) as Record<string, string[]>);
      response.flushHeaders();
      response.once('close', () => sent.destroy());
      for await (const chunk of answer) response.write(chunk);
      response.end();
    } finally {
      clearTimeout(cut);
      environment.running--;
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      console.error(String(error));
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scaleToZero = async (): Promise<(number | string | null)[]> => {
    const ending = [...environments.keys()];
    environments.clear();
    return Promise.all(ending.map(({ child }) => shutDown(child)));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    environments: () => made,
    scaleToZero,
    close: async () => {
      await scaleToZero();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Polls its port until it accepts connections. Rejects if that takes too long, or the process ends. */
async function listens({ child, port }: Environment): Promise<void> {
  const until = Date.now() + INIT_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}`);
    if (Date.now() > until) throw new Error(`nothing listened within ${INIT_MS} ms`);
    await sleep(20);
  }
}

/** SIGTERM, then SIGKILL after a second; resolves with the exit code, or the signal that ended it. */
async function shutDown(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_MS);
  const [code, signal] = await ended;
  clearTimeout(kill);
  return code ?? signal;
}
