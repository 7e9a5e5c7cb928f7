/** Emulates API Gateway's HTTP proxy integration: forwards the request unchanged, with the integration's parameters. */

import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, request as sendPlain } from 'node:http';
import { request as sendTLS } from 'node:https';
import type { ProxyRoute } from './api-definition.ts';
import type { ProxyEvent } from './proxy-event.ts';

/** The gateway's context variables: `context.domainName`. */
type Context = Readonly<Record<string, string | undefined>>;

function contextOf({ requestContext }: ProxyEvent): Context {
  const { domainName, apiId, stage, identity } = requestContext;
  return {
    'context.domainName': domainName,
    'context.apiId': apiId,
    'context.stage': stage,
    'context.identity.sourceIp': identity.sourceIp,
  };
}

/** Throws Error for a parameter that this emulator doesn't support. */
function headersOf({ parameters }: ProxyRoute, context: Context): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (!name.startsWith('header.')) continue;
    const text = /^'(.*)'$/.exec(value)?.[1] ?? context[value];
    if (text === undefined) throw new Error(`${value} is not known here`);
    set[name.slice('header.'.length)] = text;
  }
  return set;
}

/** The client's disconnection is not propagated, since AWS doesn't document that it is. */
export async function proxy(
  route: ProxyRoute,
  event: ProxyEvent,
  pathParameters: Readonly<Record<string, string>> | null,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(
    route.uri.replace(/\{(\w+)\}/g, (_, name: string) =>
      (pathParameters?.[name] ?? '').split('/').map(encodeURIComponent).join('/'),
    ),
  );
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) url.searchParams.append(name, value);
  const { host: _, ...headers } = Object.fromEntries(
    Object.entries(event.multiValueHeaders).map(([name, values]) => [name.toLowerCase(), values]),
  );
  const send = url.protocol === 'https:' ? sendTLS : sendPlain;
  const sent = send(url, {
    method: event.httpMethod,
    headers: { ...(headers as Record<string, string[]>), ...headersOf(route, contextOf(event)) },
  });
  sent.end(Buffer.from(event.body ?? '', 'base64'));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { 'transfer-encoding': __, connection: ___, ...kept } = answer.headers;
  response.writeHead(answer.statusCode!, kept);
  response.flushHeaders();
  for await (const chunk of answer) if (!response.destroyed) response.write(chunk);
  response.end();
}
