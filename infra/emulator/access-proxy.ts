/**
 * Emulates AWS's access control in front of an emulated DynamoDB, which has none: issues role sessions, and evaluates
 * the template's own policies for the signer of each call. Signatures are not verified, only their key ids are used.
 */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tableARN, tableOfARN } from './arns.ts';
import { EventSources } from './event-sources.ts';
import { type AskedCall, isAllowed, type Statement } from './policy.ts';
import { type ControlCall, TableStates } from './table-states.ts';
import type { Template } from './template.ts';

export interface AccessProxyOptions {
  readonly template: Template;
  readonly dynamodbEndpoint: string;
  /** Tables being created, changed and deleted. Absent: changes take effect at once. */
  readonly states?: TableStates | undefined;
  /** Absent: there is no Lambda. */
  readonly eventSources?: EventSources | undefined;
  /** Milliseconds that a session is valid; default: as requested. */
  readonly sessionMs?: number | undefined;
}

/** A call, and its caller. */
export interface JudgedCall extends AskedCall {
  /** Logical name of a role. */
  readonly role: string;
  readonly tenant: string | undefined;
  readonly isAllowed: boolean;
}

export interface AccessProxy {
  /** Of DynamoDB, STS, and Lambda's event source mappings. */
  readonly endpoint: string;
  /** Every call so far. */
  readonly calls: readonly JudgedCall[];
  /** Key prefixes, up to their first `#`, whose partitions are currently throttled. */
  readonly throttled: Set<string>;
  close(): void;
}

interface Session {
  readonly role: string;
  readonly token: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly endsAt: number;
}

/** A signature that the emulator accepts. */
const UNSIGNED =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local';

export async function startAccessProxy(options: AccessProxyOptions): Promise<AccessProxy> {
  const { template, dynamodbEndpoint, states = new TableStates(0), eventSources } = options;
  const sessions = new Map<string, Session>();
  const calls: JudgedCall[] = [];
  const throttled = new Set<string>();

  /** The role and the session of a key: a function's own key has the name of its role. */
  const callerOf = ({ headers }: IncomingMessage): { role: string; session?: Session } | undefined => {
    const key = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
    const session = sessions.get(key);
    if (session === undefined) return Object.hasOwn(template.roles, key) ? { role: key } : undefined;
    const isGood = headers['x-amz-security-token'] === session.token && Date.now() < session.endsAt;
    return isGood ? { role: session.role, session } : undefined;
  };

  const judge = (role: string, statements: readonly Statement[], call: AskedCall, session?: Session) => {
    const tags = Object.entries(session?.tags ?? {}).map(
      ([name, value]) => [`aws:PrincipalTag/${name}`, [value]] as const,
    );
    const full = { ...call, context: { ...call.context, ...Object.fromEntries(tags) } };
    const judged = { ...full, role, tenant: session?.tags['tenant'], isAllowed: isAllowed(statements, full) };
    calls.push(judged);
    return judged.isAllowed;
  };

  const assumeRole = (request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void => {
    const caller = callerOf(request);
    const arn = form.get('RoleArn') ?? '';
    const role = Object.keys(template.roles).find((name) => template.roles[name]!.arn === arn);
    const tags: Record<string, string> = {};
    for (let at = 1; form.has(`Tags.member.${at}.Key`); at++) {
      tags[form.get(`Tags.member.${at}.Key`)!] = form.get(`Tags.member.${at}.Value`) ?? '';
    }
    const context = Object.fromEntries(
      Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, [value]]),
    );
    const asked = ['sts:AssumeRole', ...(Object.keys(tags).length > 0 ? ['sts:TagSession'] : [])];
    const isFine =
      caller !== undefined &&
      role !== undefined &&
      asked.every((action) => {
        const call = { action, resource: arn, context };
        const { statements } = template.roles[caller.role]!;
        const trust = template.roles[role]!.trust.filter(({ Principal }) =>
          JSON.stringify(Principal).includes(JSON.stringify(template.roles[caller.role]!.arn)),
        );
        // Both policies must allow it: the caller's, and the role's trust policy.
        return judge(caller.role, statements, call) && judge(caller.role, trust, call);
      });
    response.setHeader('content-type', 'text/xml');
    if (!isFine) {
      response
        .writeHead(403)
        .end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole on resource: ${arn}</Message></Error></ErrorResponse>`,
        );
      return;
    }
    const seconds = Number(form.get('DurationSeconds') ?? 3600);
    const endsAt = Date.now() + (options.sessionMs ?? seconds * 1000);
    const key = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const token = randomBytes(24).toString('base64url');
    sessions.set(key, { role: role!, token, tags, endsAt });
    response.end(
      `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>${token}</SessionToken><Expiration>${new Date(endsAt).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    );
  };

  const dynamodb = async (
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> => {
    const target = String(request.headers['x-amz-target']);
    const caller = callerOf(request);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    const refuse = (type: string, message: string): void => {
      response.writeHead(400).end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }));
    };
    if (caller === undefined) {
      return refuse('UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    const { role, session } = caller;
    const operation = target.split('.')[1] ?? '';
    const input = JSON.parse(body.toString()) as DynamoDBInput;
    const asked = callsOf(operation, input);
    const { statements } = template.roles[role]!;
    const refused = asked.find((call) => !judge(role, statements, call, session));
    if (refused !== undefined) {
      const who = `arn:aws:sts::000000000000:assumed-role/${role}/${session?.tags['tenant'] ?? 'function'}`;
      return refuse(
        'AccessDeniedException',
        `User: ${who} is not authorized to perform: ${refused.action} on resource: ${refused.resource} because no identity-based policy allows the ${refused.action} action`,
      );
    }
    const partitions = asked.flatMap(({ context }) => context['dynamodb:LeadingKeys'] ?? []);
    if (partitions.some((key) => throttled.has(key.split('#', 1)[0]!))) {
      return refuse('ThrottlingException', 'Throughput exceeds the current capacity of your table or index.');
    }
    const busy = states.refusal(operation, input);
    if (busy !== undefined) return refuse(busy.type, busy.message);
    const known = states.answer(operation, input);
    if (known !== undefined) {
      response.end(JSON.stringify(known));
      return;
    }
    const answer = await fetch(dynamodbEndpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        'x-amz-date': '20260101T000000Z',
        authorization: UNSIGNED,
      },
      body: new Uint8Array(body),
    });
    const text = Buffer.from(await answer.arrayBuffer());
    const isAltered = answer.ok && states.alters(operation);
    response
      .writeHead(answer.status)
      .end(isAltered ? JSON.stringify(states.changed(operation, input, JSON.parse(text.toString()))) : text);
  };

  const lambda = async (
    sources: EventSources,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> => {
    const caller = callerOf(request);
    const { statements } = template.roles[caller?.role ?? ''] ?? { statements: [] };
    const { status, body: answer } = await sources.answer(
      request.method ?? '',
      new URL(request.url ?? '', 'http://lambda'),
      body.length === 0 ? {} : JSON.parse(body.toString()),
      (action, fn) => {
        const context = fn === undefined ? {} : { 'lambda:FunctionArn': [fn] };
        return judge(caller?.role ?? '', statements, { action, resource: '*', context }, caller?.session);
      },
    );
    response.setHeader('content-type', 'application/json');
    response.writeHead(status).end(JSON.stringify(answer));
  };

  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (request.headers['x-amz-target'] !== undefined) await dynamodb(request, body, response);
      else if (eventSources !== undefined && EventSources.isAsked(request.url ?? '')) {
        await lambda(eventSources, request, body, response);
      } else assumeRole(request, new URLSearchParams(body.toString()), response);
    } catch (error) {
      console.error(error);
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    throttled,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface DynamoDBInput extends ControlCall {
  readonly ResourceArn?: string;
  readonly Tags?: readonly object[];
  readonly Key?: { readonly pk?: { readonly S?: string } };
  readonly Item?: { readonly pk?: { readonly S?: string } };
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
  readonly TransactItems?: readonly Readonly<Record<string, DynamoDBInput>>[];
}

/** A transaction is evaluated by its items, each as a separate call; a table with tags as if they were added later. */
function callsOf(operation: string, input: DynamoDBInput): AskedCall[] {
  if (operation === 'TransactWriteItems') {
    return (input.TransactItems ?? []).flatMap((item) =>
      Object.entries(item).flatMap(([name, one]) =>
        callsOf(name === 'ConditionCheck' ? 'ConditionCheckItem' : `${name}Item`, one),
      ),
    );
  }
  const { ResourceArn = '', Tags = [], Key, Item } = input;
  const { KeyConditionExpression = '', ExpressionAttributeValues = {} } = input;
  const name = input.TableName ?? tableOfARN(ResourceArn) ?? '';
  const placeholder = /^pk = (:\w+)/.exec(KeyConditionExpression)?.[1];
  const pk = (Key ?? Item)?.pk?.S ?? (placeholder && ExpressionAttributeValues[placeholder]?.S);
  const context: AskedCall['context'] = pk === undefined ? {} : { 'dynamodb:LeadingKeys': [pk] };
  const operations = [operation, ...(Tags.length > 0 ? ['TagResource'] : [])];
  return operations.map((one) => ({ action: `dynamodb:${one}`, resource: tableARN(name), context }));
}
