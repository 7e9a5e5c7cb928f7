/** Watches that are kept open. */

import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { type Attack, type AttackRequest, atOnce, type Sender, summary } from '../attack.ts';
import type { Target } from '../target.ts';

interface Watches {
  /** Ends the watches; returns a summary of their responses and the megabytes received. */
  close(): string;
}

/** Opens watches on separate connections; resolves when each has a response. */
export async function openWatches(
  { url, tokens }: Target,
  count: number,
  of: (i: number) => AttackRequest,
): Promise<Watches> {
  const agent = new Agent({
    keepAlive: false,
    maxSockets: Number.POSITIVE_INFINITY,
    rejectUnauthorized: false,
  });
  let bytes = 0;
  const open = (i: number) =>
    new Promise<string>((answered) => {
      const { path, sender = 'admin', headers = {} } = of(i);
      const authorization = sender === 'anonymous' ? {} : { authorization: `Bearer ${tokens[sender]}` };
      const timer = setTimeout(() => answered('silence'), 30_000);
      const end = (answer: string) => {
        clearTimeout(timer);
        answered(answer);
      };
      const { hostname: host, port } = url;
      httpsRequest({ host, port, path, agent, headers: { ...authorization, ...headers } }, (response) => {
        end(String(response.statusCode));
        response.on('error', () => undefined);
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.byteLength;
        });
      })
        .on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
        .end();
    });
  const answers = await Promise.all(Array.from({ length: count }, (_, i) => open(i)));
  return {
    close: () => {
      agent.destroy();
      return `${summary(answers)}, ${(bytes / 1_000_000).toFixed(1)} MB`;
    },
  };
}

/** Sends the same request many times at once and waits for the responses. */
export const asked = (name: string, count: number, request: () => AttackRequest): Attack => ({
  name: `watches: ${name}`,
  run: (target) => atOnce(count, () => target.send(request())),
});

/** Opens watches as HTTP/2 streams, `each` per connection. */
export async function openStreams(
  { url, tokens }: Target,
  { connections, each, path }: { readonly connections: number; readonly each: number; readonly path: string },
  senders: readonly Exclude<Sender, 'anonymous'>[],
): Promise<Watches> {
  const answers: string[] = [];
  const sessions = Array.from({ length: connections }, () =>
    connectHttp2(url, { rejectUnauthorized: false }).on('error', () => undefined),
  );
  const ask = (session: ClientHttp2Session, sender: Exclude<Sender, 'anonymous'>) =>
    new Promise<void>((answered) => {
      const end = (answer: string) => {
        clearTimeout(timer);
        answers.push(answer);
        answered();
      };
      const timer = setTimeout(() => end('silence'), 60_000);
      const stream = session.request({ ':path': path, authorization: `Bearer ${tokens[sender]}` });
      stream.once('response', (head) => end(String(head[':status'])));
      stream.once('error', () => end('reset')).resume();
    });
  for (let i = 0; i < each; i += 50) {
    const some = sessions.flatMap((session, at) =>
      Array.from({ length: 50 }, () => ask(session, senders[at % senders.length]!)),
    );
    await Promise.all(some);
  }
  return {
    close: () => {
      for (const session of sessions) session.destroy();
      return summary(answers);
    },
  };
}
