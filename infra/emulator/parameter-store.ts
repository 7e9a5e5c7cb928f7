/** Emulates the parts of Systems Manager's Parameter Store that the functions and the command line use. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalParameterStore {
  /** Includes a secret path, since it holds private keys, and signatures are not verified. */
  readonly endpoint: string;
  /** By name; kept in memory. */
  readonly parameters: Map<string, string>;
  close(): void;
}

interface Command {
  readonly Path?: string;
  readonly Name?: string;
  readonly Value?: string;
  readonly Overwrite?: boolean;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

class ParameterError extends Error {}

/** Page size of listings. */
const PAGE = 10;
/** Maximum length of a standard parameter's value. */
const MAX_VALUE = 4096;

type Operation = (command: Command, parameters: Map<string, string>) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetParameter({ Name = '' }, parameters) {
    const value = parameters.get(Name);
    if (value === undefined) throw new ParameterError('ParameterNotFound');
    return { Parameter: { Name, Value: value } };
  },
  GetParametersByPath({ Path = '', MaxResults = PAGE, NextToken = '0' }, parameters) {
    const names = [...parameters.keys()].filter((name) => name.startsWith(`${Path}/`)).sort();
    const end = Number(NextToken) + MaxResults;
    return {
      Parameters: names
        .slice(Number(NextToken), end)
        .map((name) => ({ Name: name, Value: parameters.get(name) })),
      ...(end < names.length && { NextToken: String(end) }),
    };
  },
  DeleteParameter({ Name = '' }, parameters) {
    if (!parameters.delete(Name)) throw new ParameterError('ParameterNotFound');
    return {};
  },
  PutParameter({ Name = '', Value = '', Overwrite = false }, parameters) {
    if (parameters.has(Name) && !Overwrite) throw new ParameterError('ParameterAlreadyExists');
    if (Value.length > MAX_VALUE) throw new ParameterError('ValidationException');
    parameters.set(Name, Value);
    return { Version: 1, Tier: 'Standard' };
  },
};

async function answer(
  parameters: Map<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const name = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  };
  try {
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined) throw new ParameterError('InvalidAction');
    send(200, operation(JSON.parse(Buffer.concat(chunks).toString()) as Command, parameters));
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    send(400, { __type: error.message, message: error.message });
  }
}

/** Listens on a free port of this machine. */
export async function startParameterStore(
  initial: Readonly<Record<string, string>> = {},
): Promise<LocalParameterStore> {
  const parameters = new Map(Object.entries(initial));
  const secret = `/${randomBytes(24).toString('hex')}`;
  const server = createServer((request, response) => {
    if (request.url !== secret && request.url !== `${secret}/`) {
      const refusal = { __type: 'AccessDeniedException', message: 'the address is not whole' };
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(refusal));
      return;
    }
    answer(parameters, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}${secret}`,
    parameters,
    close,
  };
}
