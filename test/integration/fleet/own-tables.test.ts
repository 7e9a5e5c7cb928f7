/**
 * A tenant's own table is completely created or deleted, whichever AWS call is the last of a process; and the
 * permissions for that.
 */

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OwnTables } from '../../../functions/adapter/own-tables.ts';
import { type AccessProxy, startAccessProxy } from '../../../infra/emulator/access-proxy.ts';
import { functionARN, tableARN } from '../../../infra/emulator/arns.ts';
import { createTable, streamOf } from '../../../infra/emulator/deployment.ts';
import { EventSources } from '../../../infra/emulator/event-sources.ts';
import { isAllowed } from '../../../infra/emulator/policy.ts';
import { TableStates } from '../../../infra/emulator/table-states.ts';
import { readTemplate } from '../../../infra/emulator/template.ts';
import { NotYet } from '../../../shared/fleet/not-yet.ts';
import { restoreEnvironment } from '../../fixtures/environment.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

const FLEET = `own-${process.pid}`;
const FUNCTION = 'ControllersFunction';
const tableName = `zeroplane-${FLEET}`;
const template = readTemplate(join(resolve(import.meta.dirname, '../../..'), 'infra/deploy/fleet.yaml'), {
  Fleet: FLEET,
});
const before = { ...process.env };
const credentials = { accessKeyId: 'ControllersRole', secretAccessKey: 'local' };

let dynamodbEndpoint: string;
let access: AccessProxy;
let eventSources: EventSources;
let states: TableStates;
let way: Way;
let admin: DynamoDBClient;

/** A proxy between a process and AWS: counts calls, and blocks all after a given one. */
class Way {
  readonly server: Server;
  #last = Number.POSITIVE_INFINITY;
  #isHeard = true;
  calls = 0;

  constructor(target: string) {
    this.server = createServer((asked, response) => this.#pass(target, asked, response));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The last call to get through is the one with this number; if not `isHeard`, its response is lost. */
  end(last: number, isHeard: boolean): void {
    [this.#last, this.#isHeard, this.calls] = [last, isHeard, 0];
  }

  #pass(target: string, asked: IncomingMessage, response: ServerResponse): void {
    const number = ++this.calls;
    if (number > this.#last) {
      asked.socket.destroy();
      return;
    }
    const { method, headers, url } = asked;
    const passed = request(`${target}${url}`, { method, headers }, (answer) => {
      if (number === this.#last && !this.#isHeard) {
        answer.resume();
        asked.socket.destroy();
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => asked.socket.destroy());
    asked.pipe(passed);
  }
}

beforeAll(async () => {
  dynamodbEndpoint = await testDynamoDBEndpoint();
  states = new TableStates(100);
  eventSources = new EventSources({
    ...{ dynamodbEndpoint, takesMs: 100 },
    invoke: async () => undefined,
    canRead: () => true,
  });
  access = await startAccessProxy({ template, dynamodbEndpoint, states, eventSources });
  way = new Way(access.endpoint);
  await new Promise<void>((done) => way.server.listen(0, '127.0.0.1', done));
  await createTable(template.tables['Table']!, dynamodbEndpoint);
  states.recover(tableName);
  const [settings] = template.functions.find(({ name }) => name === FUNCTION)!.streamSettings;
  const EventSourceArn = await streamOf(tableName, dynamodbEndpoint);
  await eventSources.declare({ ...settings, EventSourceArn, FunctionName: `${functionARN(FUNCTION)}:live` });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: way.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  admin = new DynamoDBClient({ endpoint: access.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  restoreEnvironment(before);
  await eventSources.close();
  way.server.closeAllConnections();
  way.server.close();
  access.close();
});

const newProcess = () =>
  new OwnTables({
    tableName,
    functionName: FUNCTION,
    place: { endpoint: way.endpoint, region: 'us-east-1', credentials },
  });

/** Pending states are resolved by calling again. */
async function done(run: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await run();
      return;
    } catch (error) {
      if (!(error instanceof NotYet)) throw error;
      expect(error.message).toMatch(
        /^table \S+ is (CREATING, for \d+ s so far|ACTIVE|UPDATING|DELETING)$|^the mapping of /,
      );
      await setTimeout(20);
    }
  }
}

/** Runs in one process after another, each of which ends one call later. */
async function dyingly(isHeard: boolean, run: (tables: OwnTables) => Promise<unknown>): Promise<number> {
  for (let last = 0; ; last++) {
    way.end(last, isHeard);
    const tables = newProcess();
    try {
      await done(() => run(tables));
      way.end(Number.POSITIVE_INFINITY, true);
      return last;
    } catch (error) {
      expect((error as Error).name).not.toBe('AssertionError');
    }
  }
}

async function seen(name: string) {
  const of = { TableName: name };
  const { Table } = await admin.send(new DescribeTableCommand(of));
  const { TimeToLiveDescription } = await admin.send(new DescribeTimeToLiveCommand(of));
  const { ContinuousBackupsDescription } = await admin.send(new DescribeContinuousBackupsCommand(of));
  return {
    isProtected: Table?.DeletionProtectionEnabled,
    expiry: TimeToLiveDescription?.TimeToLiveStatus,
    recovery: ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    mappings: standing(name),
  };
}

const standing = (name: string): number =>
  eventSources.of(name).filter((one) => (one as { State: string }).State !== 'Deleting').length;

const UNPROTECTED = (TableName: string) => ({ TableName, DeletionProtectionEnabled: false });

/** Waits until no change of the table is in progress. */
async function whenIdle(change: () => Promise<unknown>): Promise<void> {
  await expect
    .poll(() =>
      change().then(
        () => 'done',
        ({ name }: Error) => (name === 'ResourceInUseException' ? 'busy' : name),
      ),
    )
    .toBe('done');
}

const gone = (TableName: string) =>
  expect
    .poll(() => admin.send(new DescribeTableCommand({ TableName })).catch(({ name }: Error) => name))
    .toBe('ResourceNotFoundException');

const WHOLE = { isProtected: true, expiry: 'ENABLED', recovery: 'ENABLED', mappings: 1 };

test.each([
  ['before the call takes effect', false],
  ['after the call takes effect', true],
])('a process that dies at any call, %s, leaves no half-done table', async (_, isHeard) => {
  const id = `acme.0000000${Number(isHeard)}`;
  const name = `${tableName}.${id}`;
  expect(await dyingly(isHeard, (tables) => tables.provision(id))).toBeGreaterThan(5);
  expect(await seen(name)).toEqual(WHOLE);
  await done(() => newProcess().provision(id));
  expect(await seen(name)).toEqual(WHOLE);

  expect(await dyingly(isHeard, (tables) => tables.release(id))).toBeGreaterThan(2);
  expect(await seen(name)).toEqual({ ...WHOLE, mappings: 0 });
  await done(() => newProcess().provision(id));
  expect(await dyingly(isHeard, (tables) => tables.remove(id))).toBeGreaterThan(3);
  await done(() => newProcess().remove(id));
  await gone(name);
  expect(standing(name)).toBe(0);
  expect(access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

test('a deleted table is recreated, and manual changes are reverted', async () => {
  const id = 'again.00000000';
  const name = `${tableName}.${id}`;
  await done(() => newProcess().provision(id));
  await done(() => newProcess().remove(id));
  await done(() => newProcess().provision(id));
  expect(await seen(name)).toEqual(WHOLE);
  await whenIdle(() => admin.send(new UpdateTableCommand(UNPROTECTED(name))));
  await done(() => newProcess().provision(id));
  expect(await seen(name)).toEqual(WHOLE);
  // Deleted manually while its stream was consumed.
  await whenIdle(() => admin.send(new UpdateTableCommand(UNPROTECTED(name))));
  await whenIdle(() => admin.send(new DeleteTableCommand({ TableName: name })));
  await gone(name);
  await done(() => newProcess().remove(id));
  expect(standing(name)).toBe(0);
});

describe('permissions in the template', () => {
  const own = `${tableARN(tableName)}.acme.0a1b2c3d`;
  const mapping = (name: string) => ({ 'lambda:FunctionArn': [functionARN(name)] });
  const keys = (key: string) => ({ 'dynamodb:LeadingKeys': [key] });
  const tagged = { 'aws:PrincipalTag/tenant': ['acme.0a1b2c3d'] };

  test.each([
    ['ControllersRole', 'dynamodb:CreateTable', own, {}, true],
    ['ControllersRole', 'dynamodb:DeleteTable', own, {}, true],
    ['ControllersRole', 'dynamodb:GetRecords', `${own}/stream/1`, {}, true],
    ['ControllersRole', 'dynamodb:DeleteTable', tableARN(tableName), {}, false],
    ['ControllersRole', 'dynamodb:UpdateTable', tableARN(tableName), {}, false],
    ['ControllersRole', 'dynamodb:DeleteTable', tableARN(`${tableName}-2`), {}, false],
    ['ControllersRole', 'dynamodb:DeleteTable', `${tableARN(`${tableName}-2`)}.acme.0a1b2c3d`, {}, false],
    ['ControllersRole', 'dynamodb:GetItem', own, keys('acme.0a1b2c3d#x'), false],
    ['ControllersRole', 'lambda:CreateEventSourceMapping', '*', mapping(FUNCTION), true],
    ['ControllersRole', 'lambda:CreateEventSourceMapping', '*', mapping(`${FUNCTION}:live`), true],
    ['ControllersRole', 'lambda:DeleteEventSourceMapping', '*', mapping('FleetFunction'), false],
    ['ControllersRole', 'lambda:UpdateEventSourceMapping', '*', mapping('another'), false],
    ['FleetRole', 'dynamodb:CreateTable', own, {}, false],
    ['FleetRole', 'dynamodb:DeleteTable', own, {}, false],
    ['FleetRole', 'lambda:CreateEventSourceMapping', '*', mapping(FUNCTION), false],
    ['TenantRole', 'dynamodb:PutItem', own, { ...tagged, ...keys('acme.0a1b2c3d#x') }, true],
    ['TenantRole', 'dynamodb:PutItem', own, { ...tagged, ...keys('other.0a1b2c3d#x') }, false],
    [
      ...['TenantRole', 'dynamodb:PutItem', `${tableARN(tableName)}.other.0a1b2c3d`],
      ...[{ ...tagged, ...keys('acme.0a1b2c3d#x') }, false],
    ],
    ['TenantRole', 'dynamodb:DeleteTable', own, tagged, false],
  ] as [string, string, string, Record<string, string[]>, boolean][])(
    '%s: %s of %s with %j: %s',
    (role, action, resource, context, expected) => {
      expect(isAllowed(template.roles[role]!.statements, { action, resource, context })).toBe(expected);
    },
  );
});
